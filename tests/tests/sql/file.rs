//! A storage in a file of its own, which goes with it.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::sql::SqliteStorage;
use rocket_typed_session::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep};
use rocket_typed_session::{Key, Now, StorageError};
use tempfile::TempDir;

/// A storage in a file of its own.
pub struct File {
    directory: TempDir,
    pub storage: Arc<SqliteStorage>,
}

impl File {
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let storage = Arc::new(open(&directory));
        Self { directory, storage }
    }

    /// Opens the same file once more, as another process does.
    pub fn again(&self) -> SqliteStorage {
        open(&self.directory)
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("sessions.db")
    }
}

fn open(directory: &TempDir) -> SqliteStorage {
    let url = format!("sqlite://{}", directory.path().join("sessions.db").display());
    SqliteStorage::connect(&url).unwrap().build().unwrap()
}

#[async_trait]
impl SessionStorage for File {
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
