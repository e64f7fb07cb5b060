//! The connections of a storage, and how work on them is repeated.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rocket::tokio::time::sleep;
use sqlx::Error;

use super::dialect::{ConnectOptions, Dialect};
use super::error::{failed, is_broken, is_outdated, is_repeatable};
use super::pool::{Lease, Patience, Pool};
use super::statements::Statements;
use super::work::Failure;
use crate::error::StorageError;

/// How long is waited before the same is tried again, at most so often. A request's own time ends it earlier.
pub(super) const WAITS: [Duration; 6] = [
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
];

/// How long new connections are kept, whatever their server refuses.
const MOMENT: Duration = Duration::from_millis(500);

/// The connections of a storage, and the statements that they carry out.
pub(super) struct Connections<D: Dialect> {
    pub(super) statements: Statements,
    readers: Option<Pool<D>>,
    pub(super) writers: Pool<D>,
    /// When they were last left for new ones, because of what their server refused.
    left: Mutex<Option<Instant>>,
}

/// What an operation does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Repeats work on a connection while an error proves that nothing was done.
macro_rules! attempt {
    ($connections:expr, $access:ident, $now:expr, $work:ident => $done:expr) => {{
        let connections = &$connections;
        let mut waits = $crate::storage::sql::connections::WAITS.into_iter();
        loop {
            let access = $crate::storage::sql::connections::Access::$access;
            let mut lease = match connections.lease(access).await {
                Ok(lease) => lease,
                Err(error) => {
                    connections.wait(error, &mut waits).await?;
                    continue;
                }
            };
            #[allow(unused_mut, reason = "not all work needs it")]
            let mut $work =
                $crate::storage::sql::work::Work { lease: &mut lease, statements: &connections.statements, now: $now };
            match $done.await {
                Ok(done) => {
                    lease.abandon().await;
                    break Ok::<_, $crate::error::StorageError>(done);
                }
                Err(failure) => connections.recover(failure, lease, access, &mut waits).await?,
            }
        }
    }};
}

pub(super) use attempt;

impl<D: Dialect> Connections<D> {
    pub(super) fn own(statements: Statements, options: ConnectOptions<D>, connections: u32) -> Self {
        let alone = !D::ONE_WRITER || D::is_private(&options);
        let readers = (!alone).then(|| Pool::own(options.clone(), connections));
        let writers = Pool::own(options, if D::ONE_WRITER { 1 } else { connections });
        Self { statements, readers, writers, left: Mutex::default() }
    }

    pub(super) fn given(statements: Statements, pool: sqlx::Pool<D::Database>) -> Self {
        let connections = pool.options().get_max_connections();
        let readers = (D::ONE_WRITER && connections > 1).then(|| Pool::given(pool.clone(), connections - 1));
        let writers = Pool::given(pool, if D::ONE_WRITER { 1 } else { connections });
        Self { statements, readers, writers, left: Mutex::default() }
    }

    /// Returns how many may read at a time.
    pub(super) fn readers(&self) -> usize {
        self.pool(Access::Read).size()
    }

    fn pool(&self, access: Access) -> &Pool<D> {
        match (&self.readers, access) {
            (Some(readers), Access::Read) => readers,
            _ => &self.writers,
        }
    }

    pub(super) async fn lease(&self, access: Access) -> Result<Lease<'_, D>, Error> {
        self.pool(access).lease(Patience::REQUEST).await
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
        let refused = is_outdated::<D>(&error) && self.leaves();
        let repeat = if refused || is_broken(&error) {
            // What was to be written may be, where the connection broke.
            let stale = refused || (lease.reused && access == Access::Read);
            lease.discard();
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

    /// Returns whether the connections that there are should be left for new ones. Not again at once: where those are no
    /// better, each write would take its connections from all.
    fn leaves(&self) -> bool {
        let mut left = self.left.lock();
        let leaves = left.is_none_or(|left| left.elapsed() >= MOMENT);
        if leaves {
            *left = Some(Instant::now());
        }
        leaves
    }

    fn forget(&self) {
        self.writers.forget();
        if let Some(readers) = &self.readers {
            readers.forget();
        }
    }

    /// Closes the connections that nobody uses; nobody gets one any more.
    pub(super) async fn close(&self) {
        self.writers.close().await;
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
    }
}
