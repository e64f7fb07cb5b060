//! Sessions as one value.

mod steps;
mod stored;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use self::stored::{Marker, Stored};
use super::{Commit, Created, Loaded, Rotation, SWEPT_AFTER, Swept};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::token::{Handle, Identity, Key};

/// All sessions of a storage as one value, and what each operation of a
/// [`SessionStorage`](super::SessionStorage) does to it.
///
/// Who can change one value atomically has a storage that keeps every promise: behind a lock, in a transaction, or by
/// comparing and swapping a clone. Each method is the operation of its name. It reads all sessions one after the
/// other, so it is for few of them, and for a first version of a storage that does better later.
///
/// # Examples
///
/// The example `custom_storage` keeps a ledger behind a lock, and proves with
/// `testing::conformance!` that it is a storage.
///
/// ```
/// use std::sync::Mutex;
/// use rocket_typed_session::{Key, Now};
/// use rocket_typed_session::storage::{Ledger, Loaded};
///
/// fn load(ledger: &Mutex<Ledger>, key: &Key, now: Now) -> Loaded {
///     ledger.lock().map_or(Loaded::Absent, |ledger| ledger.load(key, now))
/// }
/// ```
#[derive(Clone, Default)]
pub struct Ledger {
    list: Vec<Stored>,
    markers: HashMap<Key, Marker>,
}

/// Without the sessions, whose fields may be secret.
impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ledger").field("sessions", &self.list.len()).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Returns a ledger without sessions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the session of a key.
    pub fn load(&self, key: &Key, now: Now) -> Loaded {
        match self.lookup(key, now) {
            Ok((at, via)) => Loaded::Live { record: Arc::new(self.list[at].record()), via },
            Err(Commit::Moved) => Loaded::Moved,
            Err(_) => Loaded::Absent,
        }
    }

    /// Keeps a new session.
    ///
    /// # Errors
    ///
    /// Fails if a value refuses to be serialized; nothing is changed then.
    pub fn create(&mut self, key: &Key, record: &Record, now: Now) -> Result<Created, StorageError> {
        let session = Stored::new(*key, record)?;
        if self.lookup(key, now) != Err(Commit::Gone) {
            return Ok(Created::Taken);
        }
        Ok(Created::Created { evicted: self.add(session, record.max_per_user, now) })
    }

    /// Applies a patch to a living session.
    ///
    /// # Errors
    ///
    /// Fails if a value refuses to be serialized; nothing is changed then.
    pub fn commit(&mut self, key: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        let (at, via) = match self.lookup(key, now) {
            Ok(found) => found,
            Err(answer) => return Ok(answer),
        };
        let answer = self.patch(at, patch)?;
        if answer == Commit::DONE {
            self.list[at].presented(via, now);
        }
        Ok(answer)
    }

    /// Applies a patch to a living session and gives it a new key.
    ///
    /// # Errors
    ///
    /// Fails if a value refuses to be serialized; nothing is changed then.
    pub fn rotate(
        &mut self,
        old: &Key,
        new: &Key,
        patch: &Patch,
        how: &Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        match how {
            Rotation::Privilege => self.privilege(old, new, patch, now),
            Rotation::Renewal { grace } => self.renew(old, new, patch, *grace, now),
            Rotation::Restart(record) => self.restart(old, new, record, now),
        }
    }

    /// Writes down a use of a living session. Returns whether it lives.
    pub fn touch(&mut self, key: &Key, seen: &Seen, now: Now) -> bool {
        let Ok((at, via)) = self.lookup(key, now) else { return false };
        seen.apply(&mut self.list[at].meta);
        self.list[at].presented(via, now);
        true
    }

    /// Ends the session of a key, or the one that it was moved to. Returns whether it lived; what expired is taken out, too,
    /// since by another clock it may live.
    pub fn delete(&mut self, key: &Key, now: Now) -> bool {
        let lived = self.resolve(key, now).map(|at| self.list.remove(at)).is_some();
        self.list.retain(|session| session.key != *key || session.lives(now));
        lived
    }

    /// Ends every session.
    pub fn delete_everyone(&mut self) {
        *self = Self::default();
    }

    /// Returns the living sessions of an identity, the one seen last first.
    pub fn list(&self, identity: &Identity, now: Now) -> Vec<Arc<Record>> {
        let of = self.list.iter().filter(|session| session.is_of(identity, now));
        let mut records: Vec<_> = of.map(|session| Arc::new(session.record())).collect();
        records.sort_by_key(|record| Reverse((record.meta.seen_at, record.meta.created_at)));
        records
    }

    /// Returns a living session and its key.
    pub fn find(&self, handle: &Handle, now: Now) -> Option<(Key, Arc<Record>)> {
        let session = &self.list[self.named(handle, now)?];
        Some((session.key, Arc::new(session.record())))
    }

    /// Ends the session of a handle. Returns whether it lived; what expired is taken out, too.
    pub fn delete_handle(&mut self, handle: &Handle, now: Now) -> bool {
        let lived = self.named(handle, now).is_some();
        self.list.retain(|session| session.meta.handle != *handle);
        lived
    }

    /// Ends the sessions of an identity, but for one. Returns how many lived; what expired is taken out, too.
    pub fn delete_all(&mut self, identity: &Identity, except: Option<&Handle>, now: Now) -> u64 {
        let ended = |session: &mut Stored| session.belongs_to(identity) && except != Some(&session.meta.handle);
        self.list.extract_if(.., ended).filter(|session| session.lives(now)).count() as u64
    }

    /// Returns how many sessions of an identity live.
    pub fn count(&self, identity: &Identity, now: Now) -> u64 {
        self.list.iter().filter(|session| session.is_of(identity, now)).count() as u64
    }

    /// Frees the sessions that expired [`SWEPT_AFTER`] ago, all at once.
    pub fn sweep(&mut self, now: Now) -> Swept {
        let expired = self.list.extract_if(.., |session| session.meta.expires_at.after(SWEPT_AFTER) <= now);
        let expired = expired.map(|session| Arc::new(session.record())).collect();
        self.markers.retain(|_, marker| marker.until > now);
        Swept::new(expired, false)
    }

    fn named(&self, handle: &Handle, now: Now) -> Option<usize> {
        self.list.iter().position(|session| session.lives(now) && session.meta.handle == *handle)
    }
}
