//! A storage that keeps its place.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep};
use rocket_typed_session::{Key, Now, StorageError};

/// A storage whose place lives as long.
pub struct Kept<P> {
    storage: Arc<dyn SessionStorage>,
    _place: P,
}

impl<P> Kept<P> {
    /// Returns a storage that keeps its place.
    pub const fn new(storage: Arc<dyn SessionStorage>, place: P) -> Self {
        Self { storage, _place: place }
    }
}

#[async_trait]
impl<P: Send + Sync + 'static> SessionStorage for Kept<P> {
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

    async fn delete_everyone(&self, now: Now) -> Result<(), StorageError> {
        self.storage.delete_everyone(now).await
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        self.storage.index()
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        self.storage.sweep()
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.storage.setup().await
    }

    async fn shutdown(&self) {
        self.storage.shutdown().await;
    }
}
