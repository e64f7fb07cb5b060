//! Operations of a storage, and what they are answered.

use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::{Commit, Created, Rotation, SessionStorage};
use rocket_typed_session::{Handle, Identity, Key, Now};

/// An operation that changes something.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "a test holds a few of them")]
pub(super) enum Call {
    Create { key: Key, record: Record },
    Commit { key: Key, patch: Patch },
    Rotate { old: Key, new: Key, patch: Patch, how: Rotation },
    Touch { key: Key, seen: Seen },
    Delete { key: Key },
    DeleteHandle { handle: Handle },
    DeleteAll { identity: Identity, except: Option<Handle> },
    DeleteEveryone,
    Sweep,
}

/// What an operation is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Created(Created),
    Commit(Commit),
    Ended(bool),
    Many(u64),
    Done,
}

impl Call {
    /// Returns the handle that a Cluster lists a session by which moves to another slot, before that takes effect.
    #[cfg(feature = "redis")]
    pub(super) fn in_flight(&self) -> Option<Handle> {
        let Self::Rotate { old, new, patch, how } = self else { return None };
        let handle = match how {
            Rotation::Restart(record) => Some(record.meta.handle),
            Rotation::Privilege => patch.meta.handle,
            Rotation::Renewal { .. } => None,
        };
        handle.filter(|_| old.tag() != new.tag())
    }

    pub(super) async fn ask(self, storage: &dyn SessionStorage, now: Now) -> Answer {
        let index = storage.index().unwrap();
        match self {
            Self::Create { key, record } => Answer::Created(storage.create(&key, record, now).await.unwrap()),
            Self::Commit { key, patch } => Answer::Commit(storage.commit(&key, patch, now).await.unwrap()),
            Self::Rotate { old, new, patch, how } => {
                Answer::Commit(storage.rotate(&old, &new, patch, how, now).await.unwrap())
            }
            Self::Touch { key, seen } => Answer::Ended(!storage.touch(&key, seen, now).await.unwrap()),
            Self::Delete { key } => Answer::Ended(storage.delete(&key, now).await.unwrap()),
            Self::DeleteHandle { handle } => Answer::Ended(index.delete(&handle, now).await.unwrap()),
            Self::DeleteAll { identity, except } => {
                Answer::Many(index.delete_all(&identity, except.as_ref(), now).await.unwrap())
            }
            Self::DeleteEveryone => {
                storage.delete_everyone(now).await.unwrap();
                Answer::Done
            }
            Self::Sweep => {
                // How many that are depends on what expired sessions were freed on the way.
                if let Some(sweep) = storage.sweep() {
                    while sweep.sweep(now).await.unwrap().more {}
                }
                Answer::Done
            }
        }
    }
}
