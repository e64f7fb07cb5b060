//! Making the tables.

use std::sync::Arc;

use super::dialect::Dialect;
use super::error::{failed, is_repeatable};
use super::pool::Patience;
use super::statement::Tables;
use super::storage::SqlStorage;
use super::work::Work;
use crate::clock::Timestamp;
use crate::error::StorageError;

/// The version of the tables that this build reads and writes.
const VERSION: i64 = 1;

impl<D: super::Database> SqlStorage<D> {
    /// Makes the tables, unless they are there.
    pub(super) async fn prepare(&self) -> Result<(), StorageError> {
        let mut lease = self.connections.writers.lease(Patience::LAUNCH).await.map_err(failed)?;
        let mut work = Work { lease: &mut lease, statements: &self.connections.statements, now: Timestamp::default() };
        let done = match D::check(work.lease).await {
            Ok(()) => work.prepare(&self.tables).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(version) => {
                lease.give_back();
                if version > VERSION {
                    return Err(StorageError::Unsupported("the tables are of a later version of this library"));
                }
                Ok(())
            }
            Err(error) => {
                lease.abandon().await;
                Err(failed(error))
            }
        }
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Returns the version of the tables that are there now.
    async fn prepare(&mut self, tables: &Tables) -> Result<i64, sqlx::Error> {
        match self.version().await {
            Ok(Some(version)) => return Ok(version),
            Ok(None) => {}
            // Who was in the way is waited for once more, under the lock.
            Err(error) if is_repeatable::<D>(&error) => {}
            Err(error) => return Err(error),
        }
        if D::WORDS.transactional_setup {
            self.begin().await?;
        }
        if let Some(lock) = D::WORDS.lock_setup {
            self.plain(lock).await?;
        }
        let done = self.make(tables).await;
        let unlocked = match D::WORDS.unlock_setup {
            Some(unlock) => self.plain(unlock).await,
            None => Ok(()),
        };
        let version = done?;
        unlocked?;
        if self.lease.begun {
            self.end().await?;
        }
        Ok(version)
    }

    async fn make(&mut self, tables: &Tables) -> Result<i64, sqlx::Error> {
        // Another process may have made them meanwhile.
        if let Some(version) = self.version_under_lock().await? {
            return Ok(version);
        }
        for statement in tables.script(D::WORDS.script) {
            self.plain(&statement).await?;
        }
        Ok(VERSION)
    }

    /// Looks again, now that nobody else makes them. A query that fails spoils a transaction of PostgreSQL: a savepoint
    /// undoes that.
    async fn version_under_lock(&mut self) -> Result<Option<i64>, sqlx::Error> {
        if !self.lease.begun {
            return self.version().await;
        }
        self.plain("SAVEPOINT before_looking").await?;
        let version = self.version().await;
        self.plain("ROLLBACK TO SAVEPOINT before_looking").await?;
        version
    }

    async fn plain(&mut self, text: &str) -> Result<(), sqlx::Error> {
        D::batch(self.lease, Arc::from(text)).await
    }

    /// Returns the version of the tables, if there are any.
    async fn version(&mut self) -> Result<Option<i64>, sqlx::Error> {
        match self.rows(&self.statements.version, []).await {
            Ok(rows) => rows.first().map_or(Ok(None), |row| D::int(row, 0)),
            Err(sqlx::Error::Database(error)) if D::is_of_no_table(&*error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
