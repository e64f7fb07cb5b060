//! Where the sessions of a run are kept.

use std::error::Error;
use std::path::PathBuf;

use fred::clients::Pool;
use fred::interfaces::ClientLike;
use fred::types::Builder;
use fred::types::config::Config;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// The servers, and a directory for the files of SQLite.
pub(crate) struct Servers {
    pub(crate) redis: String,
    pub(crate) postgres: String,
    pub(crate) directory: PathBuf,
}

impl Servers {
    /// Returns the servers that the environment names, as the scripts that start them print them.
    pub(crate) fn of_environment() -> Result<Self, Box<dyn Error>> {
        let variable = |name| std::env::var(name).map_err(|error| format!("{name}: {error}"));
        let directory = std::env::temp_dir().join(format!("storages.{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        Ok(Self { redis: variable("SESSION_TEST_REDIS")?, postgres: variable("SESSION_TEST_POSTGRES")?, directory })
    }

    /// Connects to Redis with as many connections as this library keeps.
    pub(crate) async fn pool(&self) -> Pool {
        let config = Config::from_url(&self.redis).expect("an address of Redis");
        let pool = Builder::from_config(config).build_pool(4).expect("a pool");
        pool.init().await.expect("Redis");
        pool
    }

    /// Returns the options of a file of SQLite, as this library sets them.
    pub(crate) fn sqlite(&self, name: &str) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(self.directory.join(name))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // A directory that is left over harms nobody.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
