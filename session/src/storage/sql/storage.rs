//! The storage, whatever the database.

use std::fmt;
use std::time::Duration;

use rocket::async_trait;
use rocket::tokio::time::sleep;
use sqlx::Error;

use super::dialect::ConnectOptions;
use super::error::{failed, is_broken, is_repeatable};
use super::pool::{Lease, Pool};
use super::statement::Tables;
use super::statements::Statements;
use super::work::Failure;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep};
use crate::token::Key;

/// How long is waited before the same is tried again, at most so often. A request's own time ends it earlier.
pub(super) const WAITS: [Duration; 6] = [
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
];

/// Sessions in a SQL database.
pub struct SqlStorage<D: super::Database> {
    pub(super) tables: Tables,
    pub(super) statements: Statements,
    readers: Option<Pool<D>>,
    writers: Pool<D>,
}

/// What an operation does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Repeats work on a connection while an error proves that nothing was done.
macro_rules! attempt {
    ($storage:ident, $access:ident, $now:expr, $work:ident => $done:expr) => {{
        let mut waits = $crate::storage::sql::storage::WAITS.into_iter();
        loop {
            let access = $crate::storage::sql::storage::Access::$access;
            let mut lease = match $storage.lease(access).await {
                Ok(lease) => lease,
                Err(error) => {
                    $storage.wait(error, &mut waits).await?;
                    continue;
                }
            };
            #[allow(unused_mut, reason = "not all work needs it")]
            let mut $work =
                $crate::storage::sql::work::Work { lease: &mut lease, statements: &$storage.statements, now: $now };
            match $done.await {
                Ok(done) => {
                    lease.give_back();
                    break Ok::<_, $crate::error::StorageError>(done);
                }
                Err(failure) => $storage.recover(failure, lease, access, &mut waits).await?,
            }
        }
    }};
}

pub(super) use attempt;

impl<D: super::Database> SqlStorage<D> {
    pub(super) fn own(tables: Tables, options: ConnectOptions<D>, connections: u32) -> Self {
        let alone = !D::ONE_WRITER || D::is_private(&options);
        let readers = (!alone).then(|| Pool::own(options.clone(), connections));
        let writers = Pool::own(options, if D::ONE_WRITER { 1 } else { connections });
        Self { statements: Statements::new::<D>(&tables), tables, readers, writers }
    }

    pub(super) fn given(tables: Tables, pool: sqlx::Pool<D::Database>) -> Self {
        let connections = pool.options().get_max_connections();
        let readers = (D::ONE_WRITER && connections > 1).then(|| Pool::given(pool.clone(), connections - 1));
        let writers = Pool::given(pool, if D::ONE_WRITER { 1 } else { connections });
        Self { statements: Statements::new::<D>(&tables), tables, readers, writers }
    }

    fn pool(&self, access: Access) -> &Pool<D> {
        match (&self.readers, access) {
            (Some(readers), Access::Read) => readers,
            _ => &self.writers,
        }
    }

    pub(super) async fn lease(&self, access: Access) -> Result<Lease<'_, D>, Error> {
        self.pool(access).lease().await
    }

    /// Waits before a connection is asked for again, or fails: nothing was done.
    pub(super) async fn wait(
        &self,
        error: Error,
        waits: &mut impl Iterator<Item = Duration>,
    ) -> Result<(), StorageError> {
        match waits.next() {
            Some(wait) if !matches!(error, Error::PoolTimedOut | Error::PoolClosed | Error::Configuration(_)) => {
                sleep(wait).await;
                Ok(())
            }
            _ => Err(failed(error)),
        }
    }

    /// Waits before work that failed is done again, or fails.
    pub(super) async fn recover(
        &self,
        failure: Failure,
        lease: Lease<'_, D>,
        access: Access,
        waits: &mut impl Iterator<Item = Duration>,
    ) -> Result<(), StorageError> {
        let error = match failure {
            Failure::Database(error) => error,
            Failure::Storage(error) => {
                lease.abandon().await;
                return Err(error);
            }
        };
        let repeat = if is_broken(&error) {
            let stale = lease.reused && access == Access::Read;
            drop(lease);
            self.forget();
            stale
        } else {
            lease.abandon().await;
            is_repeatable::<D>(&error)
        };
        match waits.next() {
            Some(wait) if repeat => {
                sleep(wait).await;
                Ok(())
            }
            _ => Err(failed(error)),
        }
    }

    fn forget(&self) {
        self.writers.forget();
        if let Some(readers) = &self.readers {
            readers.forget();
        }
    }
}

#[async_trait]
impl<D: super::Database> SessionStorage for SqlStorage<D> {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        attempt!(self, Read, now, work => async { work.load(key).await.map_err(Failure::from) })
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        attempt!(self, Write, now, work => work.create(key, &record))
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        attempt!(self, Write, now, work => work.commit(key, &patch))
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        match how {
            Rotation::Privilege => attempt!(self, Write, now, work => work.privilege(old, new, &patch)),
            Rotation::Renewal { grace } => attempt!(self, Write, now, work => work.renew(old, new, &patch, grace)),
            Rotation::Restart(record) => attempt!(self, Write, now, work => work.restart(old, new, &record)),
        }
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        attempt!(self, Write, now, work => work.touch(key, &seen))
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        attempt!(self, Write, now, work => work.delete(key))
    }

    async fn delete_everyone(&self, now: Now) -> Result<(), StorageError> {
        attempt!(self, Write, now, work => work.everyone())
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        Some(self)
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.prepare().await
    }

    async fn shutdown(&self) {
        self.writers.close().await;
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
    }
}

impl<D: super::Database> fmt::Debug for SqlStorage<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqlStorage")
            .field("table", &self.tables.name())
            .field("writers", &self.writers)
            .finish_non_exhaustive()
    }
}
