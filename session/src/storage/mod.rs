//! Where sessions live: the contract that every storage keeps, and [`cookie`], which can keep only a part of it.
//!
//! # A storage of one's own
//!
//! Implement [`SessionStorage`], with `#[rocket::async_trait]`, and where there is an index [`SessionIndex`]; hand it
//! to [`Builder::storage`](crate::Builder::storage). That it keeps every promise is shown by one line in a test, with
//! the feature `testing`: `conformance!(OwnStorage::new())` writes a test of each.
//!
//! A place that can change one value atomically is a storage by a [`Ledger`], in sixty lines: the example
//! `custom_storage` of this repository. One that can do more applies a [`Patch`] to each session by itself:
//! [`Patch::apply`] to a record, or [`FieldPatch::apply`](crate::record::FieldPatch::apply) to texts; `Ledger` is the
//! shortest text of all other rules, of keys that are pending, in grace or moved.

pub mod cookie;
mod ledger;
pub mod memory;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub mod sql;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
mod together;

pub use self::ledger::Ledger;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rocket::async_trait;

use self::cookie::CookieStorage;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, PatchError, Record, Seen};
use crate::token::{Handle, Identity, Key};

/// A place where sessions live.
///
/// Every operation is one atomic step. An operation that writes applies only to a session that is alive in that same
/// step, and never creates one; ending a session is final. A session is alive from its creation until it is deleted,
/// until `record.meta.expires_at` is not after `now`, or until everyone's sessions are ended.
///
/// "Not there" and "not alive" are answers, not errors. An error means that the outcome is unknown: the write was
/// applied, was not, or is about to be. Implementations send a write at most once.
///
/// A session's key and handle bear the same tag, and so does the identity of its identifier: a storage may keep what
/// shares a tag in one place. Only a rotation to a key of another tag gives a session a handle of another tag.
#[async_trait]
pub trait SessionStorage: Send + Sync + 'static {
    /// Returns the session of a key. It never deletes.
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError>;

    /// Returns the session of a key, if there is nothing to wait for; else [`load`](Self::load) is asked. A storage in the
    /// memory of the process spares its requests a future so; every other leaves it at that.
    fn load_at_once(&self, _key: &Key, _now: Now) -> Option<Loaded> {
        None
    }

    /// Keeps a new session. If it is identified and `record.max_per_user` is exceeded, those of its identity that
    /// were seen longest ago are ended in the same step; never the new one.
    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError>;

    /// Applies a patch to a living session, and raises its version.
    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError>;

    /// Applies a patch as [`commit`](Self::commit) does, if there is nothing to wait for; else nothing is done, and that is
    /// called. It is for storages in the memory of the process, too.
    fn commit_at_once(&self, _key: &Key, _patch: &Patch, _now: Now) -> Option<Result<Commit, StorageError>> {
        None
    }

    /// Applies a patch to a living session and gives it a new key, as `how` says.
    async fn rotate(&self, old: &Key, new: &Key, patch: Patch, how: Rotation, now: Now)
    -> Result<Commit, StorageError>;

    /// Writes down a use of a living session. Returns whether the session lives.
    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError>;

    /// Ends the session of a key, or the one that the key's marker says it was moved to.
    /// Returns whether a living session was ended. What expired is ended, too: by another clock it may live.
    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError>;

    /// Ends every session that was created before, of every type in this storage, and forgets the markers of those that
    /// were moved.
    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        Err(StorageError::Unsupported("this storage can not end everyone's sessions"))
    }

    /// Returns the index of sessions by their identity, if the storage has one. Sessions with an `identifier` are
    /// refused at launch where there is none.
    fn index(&self) -> Option<&dyn SessionIndex> {
        None
    }

    /// Returns what frees expired sessions, if they do not leave by themselves.
    fn sweep(&self) -> Option<&dyn Sweep> {
        None
    }

    /// Prepares the storage, once, at launch.
    async fn setup(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Lets go of what the storage holds, once, after a shutdown: when the requests that were under way have had their
    /// time, which is Rocket's `shutdown.grace` and `shutdown.mercy` together. A process that is over sooner does not
    /// wait for it.
    async fn shutdown(&self) {}
}

#[async_trait]
impl<S: SessionStorage + ?Sized> SessionStorage for Arc<S> {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        (**self).load(key, now).await
    }

    fn load_at_once(&self, key: &Key, now: Now) -> Option<Loaded> {
        (**self).load_at_once(key, now)
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        (**self).create(key, record, now).await
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        (**self).commit(key, patch, now).await
    }

    fn commit_at_once(&self, key: &Key, patch: &Patch, now: Now) -> Option<Result<Commit, StorageError>> {
        (**self).commit_at_once(key, patch, now)
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        (**self).rotate(old, new, patch, how, now).await
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        (**self).touch(key, seen, now).await
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        (**self).delete(key, now).await
    }

    async fn delete_everyone(&self, now: Now) -> Result<(), StorageError> {
        (**self).delete_everyone(now).await
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        (**self).index()
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        (**self).sweep()
    }

    async fn setup(&self) -> Result<(), StorageError> {
        (**self).setup().await
    }

    async fn shutdown(&self) {
        (**self).shutdown().await;
    }
}

/// Sessions by their identity and handle.
#[async_trait]
pub trait SessionIndex: Send + Sync {
    /// Returns the living sessions of an identity, the one seen last first.
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError>;

    /// Returns a living session and its key.
    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError>;

    /// Ends the session of a handle. Returns whether a living session was ended. What expired is ended, too: by another
    /// clock it may live.
    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError>;

    /// Ends the sessions of an identity, but for one, in one step. Returns how many lived; what expired is ended, too.
    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError>;

    /// Returns how many sessions of an identity live.
    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError>;
}

/// Frees sessions that expired.
#[async_trait]
pub trait Sweep: Send + Sync {
    /// Frees sessions that expired [`SWEPT_AFTER`] ago, and what else nobody needs any more, but so little at a time that
    /// no request has to wait for it, within the time that a request has. It is asked again while there is more.
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError>;
}

/// What a [`Sweep`] freed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Swept {
    /// The sessions that expired: neither what was ended before, nor what is no session.
    pub expired: Vec<Arc<Record>>,
    /// Whether there may be more to free; never if nothing was freed.
    pub more: bool,
}

impl Swept {
    /// Returns that these sessions were freed, and whether there may be more.
    pub fn new(expired: Vec<Arc<Record>>, more: bool) -> Self {
        Self { expired, more }
    }
}

/// Where the sessions of a type live; [`Builder::storage`](crate::Builder::storage) takes either.
#[derive(Clone)]
#[non_exhaustive]
pub enum Place {
    /// In a storage, under the key of a token that the cookie holds.
    Storage(Arc<dyn SessionStorage>),
    /// In the cookie.
    Cookie(CookieStorage),
}

impl<S: SessionStorage> From<S> for Place {
    fn from(storage: S) -> Self {
        Self::Storage(Arc::new(storage))
    }
}

impl From<CookieStorage> for Place {
    fn from(storage: CookieStorage) -> Self {
        Self::Cookie(storage)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Storage(_) => "Storage",
            Self::Cookie(_) => "Cookie",
        })
    }
}

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Loaded {
    /// A living session.
    Live {
        /// The session.
        record: Arc<Record>,
        /// Which of its keys it was found by.
        via: Via,
    },
    /// A session that was given another key a moment ago; it is no login.
    Moved,
    /// Nothing alive.
    Absent,
}

/// Which of a session's keys was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Its key.
    Current,
    /// The key that a renewal issued and that was not presented before.
    Pending,
    /// The key before a renewal, for a moment.
    Grace,
}

/// What became of a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is kept.
    Created {
        /// The sessions of the same identity that were ended to make room.
        evicted: Vec<Handle>,
    },
    /// The key is in use; nothing was done.
    Taken,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// It is applied.
    Committed {
        /// Whether the session took the new key; always in a rotation but a [`Rotation::Renewal`], never in a commit.
        rotated: bool,
        /// The sessions of the same identity that were ended to make room.
        evicted: Vec<Handle>,
    },
    /// The session does not live; nothing was done.
    Gone,
    /// The session was given another key; nothing was done.
    Moved,
    /// A field has another value than the patch expects; nothing was done.
    Conflict(String),
}

impl Commit {
    /// A change that was applied, without a new key, and ended nobody else's session.
    pub const DONE: Self = Self::Committed { rotated: false, evicted: Vec::new() };
}

impl PatchError {
    /// Returns what a storage says of a patch that it did not apply.
    pub(crate) fn into_answer(self) -> Result<Commit, StorageError> {
        match self {
            Self::Conflict(field) => Ok(Commit::Conflict(field)),
            Self::Encode(error) => Err(error.into()),
        }
    }
}

/// How a session is given a new key.
///
/// A session has one current key, and for a while it may have a *pending* one, that a renewal issued and nobody has
/// presented yet, and others in *grace*, that were current before a renewal. All of them lead to it. The pending key
/// becomes the current one, and the current one falls into grace, in the first commit, rotation or touch that comes
/// with the pending key; a load alone changes nothing.
#[derive(Debug, Clone)]
pub enum Rotation {
    /// At once: the session's other keys lead to it no more, and each leaves a marker for [`MOVED_FOR`].
    /// A key in grace rotates nothing; the answer is [`Commit::Moved`].
    Privilege,
    /// The new key is pending until it is presented; the old one is good for `grace` longer. The patch is applied in
    /// any case, but no key is issued (the answer has `rotated: false`) while another has been pending for less than
    /// `grace`, nor to who comes with a key in grace. A key that was pending for longer is replaced, and leaves a
    /// marker. The new key bears the tag of the old one.
    Renewal {
        /// How long the old key stays good after the new one was first presented.
        grace: Duration,
    },
    /// The session is replaced by this one, whatever the old key leads to: nothing, a session by any of its keys, or a
    /// marker. It replaces what a [`delete`](SessionStorage::delete) of the old key would end, and nothing else: who
    /// planted an anonymous session can not end what its victim made of it. The replaced session's keys leave markers.
    /// The patch is not used.
    Restart(Record),
}

/// How long the marker of a moved session is kept.
///
/// A marker is no login. It answers [`Loaded::Moved`] and [`Commit::Moved`], and leads a
/// [`delete`](SessionStorage::delete) and a [`Rotation::Restart`] to the session that was moved, unless the session was
/// anonymous and the move made it somebody's.
pub const MOVED_FOR: Duration = Duration::from_secs(30);

/// How long an expired session is kept before a [`Sweep`] frees it: a clock that runs ahead for a moment must not sign
/// anybody out for good.
pub const SWEPT_AFTER: Duration = Duration::from_mins(5);
