//! A storage without an index.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::{Commit, Created, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Key, Now, StorageError};

/// A storage of sessions that nobody can list.
pub struct Unlisted(pub Arc<dyn SessionStorage>);

#[async_trait]
impl SessionStorage for Unlisted {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        self.0.load(key, now).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.0.create(key, record, now).await
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.0.commit(key, patch, now).await
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        self.0.rotate(old, new, patch, how, now).await
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        self.0.touch(key, seen, now).await
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        self.0.delete(key, now).await
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.0.setup().await
    }
}
