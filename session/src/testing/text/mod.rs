//! A storage of texts, as small as one can be.

mod sessions;

use std::cmp::Reverse;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::async_trait;

use self::sessions::{Sessions, Stored};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SWEPT_AFTER, SessionIndex, SessionStorage, Sweep};
use crate::token::{Handle, Identity, Key};

/// A storage that keeps the texts of all sessions in one list behind one lock.
///
/// It is slow, unbounded, and keeps every promise: read it before you write a storage of your own.
#[derive(Debug, Default)]
pub struct TextStorage(Mutex<Sessions>);

impl TextStorage {
    /// Returns an empty storage.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl SessionStorage for TextStorage {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        let sessions = self.0.lock();
        Ok(match sessions.find(key, now) {
            Ok((at, via)) => Loaded::Live { record: Arc::new(sessions.list[at].record()), via },
            Err(Commit::Moved) => Loaded::Moved,
            Err(_) => Loaded::Absent,
        })
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        let session = Stored::new(*key, &record)?;
        let mut sessions = self.0.lock();
        if sessions.find(key, now) != Err(Commit::Gone) {
            return Ok(Created::Taken);
        }
        Ok(Created::Created { evicted: sessions.add(session, record.max_per_user, now) })
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        let mut sessions = self.0.lock();
        let (at, via) = match sessions.find(key, now) {
            Ok(found) => found,
            Err(answer) => return Ok(answer),
        };
        let answer = sessions.patch(at, &patch)?;
        if answer == Commit::DONE {
            sessions.list[at].presented(via, now);
        }
        Ok(answer)
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let mut sessions = self.0.lock();
        match how {
            Rotation::Privilege => sessions.privilege(old, new, &patch, now),
            Rotation::Renewal { grace } => sessions.renew(old, new, &patch, grace, now),
            Rotation::Restart(record) => sessions.restart(old, new, &record, now),
        }
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        let mut sessions = self.0.lock();
        let Ok((at, via)) = sessions.find(key, now) else {
            return Ok(false);
        };
        seen.apply(&mut sessions.list[at].meta);
        sessions.list[at].presented(via, now);
        Ok(true)
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        let mut sessions = self.0.lock();
        let at = sessions.resolve(key, now, |marker| marker.followed);
        Ok(at.map(|at| sessions.list.remove(at)).is_some())
    }

    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        *self.0.lock() = Sessions::default();
        Ok(())
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        Some(self)
    }
}

#[async_trait]
impl SessionIndex for TextStorage {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        let sessions = self.0.lock();
        let of = sessions.list.iter().filter(|session| session.is_of(identity, now));
        let mut records: Vec<_> = of.map(|session| Arc::new(session.record())).collect();
        records.sort_by_key(|record| Reverse((record.meta.seen_at, record.meta.created_at)));
        Ok(records)
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        let sessions = self.0.lock();
        let found = sessions.list.iter().find(|session| session.lives(now) && session.meta.handle == *handle);
        Ok(found.map(|session| (session.key, Arc::new(session.record()))))
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        let mut sessions = self.0.lock();
        let at = sessions.list.iter().position(|session| session.lives(now) && session.meta.handle == *handle);
        Ok(at.map(|at| sessions.list.remove(at)).is_some())
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        let mut sessions = self.0.lock();
        let before = sessions.list.len();
        sessions.list.retain(|session| !session.is_of(identity, now) || except == Some(&session.meta.handle));
        Ok((before - sessions.list.len()) as u64)
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        Ok(self.0.lock().list.iter().filter(|session| session.is_of(identity, now)).count() as u64)
    }
}

#[async_trait]
impl Sweep for TextStorage {
    async fn sweep(&self, now: Now) -> Result<u64, StorageError> {
        let mut sessions = self.0.lock();
        let before = sessions.list.len();
        sessions.list.retain(|session| session.meta.expires_at.after(SWEPT_AFTER) > now);
        sessions.markers.retain(|_, marker| marker.until > now);
        Ok((before - sessions.list.len()) as u64)
    }
}
