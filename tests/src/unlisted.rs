//! A storage without an index, which says when it is let go of.

use std::sync::Arc;

use rocket::async_trait;
use rocket::tokio::sync::Notify;
use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::{Commit, Created, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Key, Now, StorageError};

/// A storage of sessions that nobody can list.
pub struct Unlisted {
    storage: Arc<dyn SessionStorage>,
    left: Arc<Notify>,
}

impl Unlisted {
    /// Returns a storage that keeps what this one does, without its index.
    pub fn new(storage: Arc<dyn SessionStorage>) -> Self {
        Self { storage, left: Arc::default() }
    }

    /// Returns what is notified once the storage is let go of.
    pub fn left(&self) -> Arc<Notify> {
        self.left.clone()
    }
}

#[async_trait]
impl SessionStorage for Unlisted {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        self.storage.load(key, now).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.storage.create(key, record, now).await
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.storage.commit(key, patch, now).await
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        self.storage.rotate(old, new, patch, how, now).await
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        self.storage.touch(key, seen, now).await
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        self.storage.delete(key, now).await
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.storage.setup().await
    }

    async fn shutdown(&self) {
        self.storage.shutdown().await;
        self.left.notify_one();
    }
}
