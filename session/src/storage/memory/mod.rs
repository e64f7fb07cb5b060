//! Sessions in memory.

mod capacity;
mod expiry;
mod index;
mod keys;
mod names;
mod peers;
mod renewal;
mod rotation;
mod shard;
mod slots;
mod sweep;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "they are tests")]
mod tests;

use std::fmt;
use std::hash::BuildHasher;
use std::mem;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use parking_lot::{Mutex, MutexGuard};
use rocket::async_trait;

use self::capacity::Capacity;
use self::shard::Shard;
use super::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::token::{Key, Tag};

const SHARDS: usize = 64;

/// Sessions in the memory of this process: the fastest storage, bounded, and empty after a restart.
///
/// Records are handed out as the same [`Arc`] while they are unchanged, and values are never encoded. When the storage
/// is full, expired sessions are freed first, then the anonymous session that would expire first is ended; sessions
/// that belong to somebody are never ended for want of room, nor is a session for its own growth. If there are no
/// others, a new session is refused with [`StorageError::Full`], and so is growing data; who signs in from an anonymous
/// session is let in.
///
/// # Examples
///
/// ```
/// use rocket_typed_session::storage::memory::MemoryStorage;
///
/// let storage = MemoryStorage::builder().max_sessions(100_000).max_bytes(256 << 20).build();
/// ```
pub struct MemoryStorage {
    shards: Box<[Mutex<Shard>]>,
    hasher: DefaultHashBuilder,
    capacity: Arc<Capacity>,
}

/// The bounds of a [`MemoryStorage`].
#[derive(Debug, Clone, Copy)]
pub struct MemoryBuilder {
    sessions: usize,
    bytes: usize,
}

impl MemoryBuilder {
    /// Sets how many sessions are kept at most: 1,000,000 unless set.
    #[must_use]
    pub fn max_sessions(self, sessions: usize) -> Self {
        Self { sessions: sessions.min((u32::MAX / 2) as usize), ..self }
    }

    /// Sets how many bytes the sessions take at most: 1 GiB unless set. What counts is the length of the data as JSON,
    /// and 512 bytes for each session.
    #[must_use]
    pub fn max_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Returns the storage.
    pub fn build(self) -> MemoryStorage {
        let capacity = Arc::new(Capacity::new(self.sessions, self.bytes));
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard::new(capacity.clone()))).collect();
        MemoryStorage { shards, hasher: DefaultHashBuilder::default(), capacity }
    }
}

impl Default for MemoryBuilder {
    fn default() -> Self {
        Self { sessions: 1_000_000, bytes: 1 << 30 }
    }
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryStorage").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl MemoryStorage {
    /// Returns a storage with the default bounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the bounds of a storage, to be set.
    pub fn builder() -> MemoryBuilder {
        MemoryBuilder::default()
    }

    /// Returns how many sessions are held, with those that expired and are not freed yet.
    pub fn len(&self) -> usize {
        self.capacity.used().sessions
    }

    /// Returns whether no session is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many bytes count against the bound.
    pub fn bytes(&self) -> usize {
        self.capacity.used().bytes
    }

    fn place(&self, tag: Tag) -> usize {
        // Not the bits that a shard's own tables go by: those are the low and the highest ones.
        (self.hasher.hash_one(tag) >> 32) as usize % SHARDS
    }

    fn shard(&self, tag: Tag) -> MutexGuard<'_, Shard> {
        self.shards[self.place(tag)].lock()
    }

    fn apply(&self, key: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        self.within_bounds(key, now, || self.shard(key.tag()).commit(key, patch, now))
    }

    /// Repeats a step, for the session of a key, for which there is no room, as long as some can be made.
    fn within_bounds<R>(
        &self,
        key: &Key,
        now: Now,
        mut step: impl FnMut() -> Result<R, StorageError>,
    ) -> Result<R, StorageError> {
        loop {
            match step() {
                Err(StorageError::Full) if self.make_room(key, now) => {}
                outcome => return outcome,
            }
        }
    }
}

#[async_trait]
impl SessionStorage for MemoryStorage {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        Ok(self.shard(key.tag()).load(key, now))
    }

    fn load_at_once(&self, key: &Key, now: Now) -> Option<Loaded> {
        Some(self.shard(key.tag()).load(key, now))
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.within_bounds(key, now, || self.shard(key.tag()).create(key, &record, now))
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.apply(key, &patch, now)
    }

    fn commit_at_once(&self, key: &Key, patch: &Patch, now: Now) -> Option<Result<Commit, StorageError>> {
        Some(self.apply(key, patch, now))
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        self.within_bounds(old, now, || match &how {
            Rotation::Privilege => self.privilege(old, new, &patch, now),
            Rotation::Renewal { grace } => self.shard(old.tag()).renew(old, new, &patch, *grace, now),
            Rotation::Restart(record) => self.restart(old, new, record, now),
        })
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        Ok(self.shard(key.tag()).touch(key, &seen, now))
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        Ok(self.end(key, now))
    }

    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        let mut shards: Vec<_> = self.shards.iter().map(Mutex::lock).collect();
        let empty = || Shard::new(self.capacity.clone());
        let ended: Vec<Shard> = shards.iter_mut().map(|shard| mem::replace(&mut **shard, empty())).collect();
        drop(shards);
        drop(ended);
        Ok(())
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        Some(self)
    }
}
