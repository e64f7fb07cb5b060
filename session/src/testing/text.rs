//! A storage of texts, as small as one can be.

use std::sync::Arc;

use parking_lot::Mutex;
use rocket::async_trait;

use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Ledger, Loaded, Rotation, SessionIndex, SessionStorage, Sweep, Swept};
use crate::token::{Handle, Identity, Key};

/// A storage that keeps the texts of all sessions in one [`Ledger`] behind one lock.
///
/// It is slow, unbounded, and keeps every promise: the model that other storages are compared with.
#[derive(Debug, Default)]
pub struct TextStorage(Mutex<Ledger>);

impl TextStorage {
    /// Returns an empty storage.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl SessionStorage for TextStorage {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        Ok(self.0.lock().load(key, now))
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.0.lock().create(key, &record, now)
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.0.lock().commit(key, &patch, now)
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        self.0.lock().rotate(old, new, &patch, &how, now)
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().touch(key, &seen, now))
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().delete(key, now))
    }

    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        self.0.lock().delete_everyone();
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
        Ok(self.0.lock().list(identity, now))
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        Ok(self.0.lock().find(handle, now))
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().delete_handle(handle, now))
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        Ok(self.0.lock().delete_all(identity, except, now))
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        Ok(self.0.lock().count(identity, now))
    }
}

#[async_trait]
impl Sweep for TextStorage {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        Ok(self.0.lock().sweep(now))
    }
}
