//! A storage in a file of its own, which goes with it.

use std::sync::Arc;

use rocket_typed_session::storage::sql::SqliteStorage;
use rocket_typed_session_tests::place::Kept;
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

    /// Returns the storage, with which the file goes.
    pub fn kept(self) -> Kept<Self> {
        Kept::new(self.storage.clone(), self)
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
