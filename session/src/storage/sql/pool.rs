//! Connections: few, kept, and given out in the order in which they were asked for.
//!
//! The pool of `sqlx` asks the database before and after every use whether the connection is alive; this one does not.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rocket::tokio::sync::{Semaphore, SemaphorePermit};
use rocket::tokio::time::timeout;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Error};

use super::dialect::{Conn, ConnectOptions, Dialect, RESTED};

/// How long is waited for a sign of life of a connection that rested.
const ANSWERED: Duration = Duration::from_millis(500);

/// How long is waited for a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until there is one that others do not use.
    turn: Duration,
    /// While one opens.
    opening: Duration,
}

impl Patience {
    /// That of a request, which has time left to be answered.
    pub(super) const REQUEST: Self = Self { turn: Duration::from_millis(1500), opening: Duration::from_secs(1) };

    /// That of the launch, for which no client waits.
    pub(super) const LAUNCH: Self = Self { turn: Duration::from_secs(5), opening: Duration::from_secs(5) };
}

/// Connections to a database.
pub(super) struct Pool<D: Dialect> {
    source: Source<D>,
    /// How many connections there are at most.
    size: usize,
    permits: Semaphore,
    idle: Mutex<Vec<Idle<D>>>,
    /// Whether the database is gone with its connection, so that this is not dropped while it works.
    is_database: bool,
}

enum Source<D: Dialect> {
    Own(Box<ConnectOptions<D>>),
    Given(sqlx::Pool<D::Database>),
}

struct Idle<D: Dialect> {
    connection: Box<Conn<D>>,
    since: Instant,
    /// Whether somebody stopped waiting for what it did, so that a transaction may be open.
    interrupted: bool,
}

enum Held<D: Dialect> {
    Own(Box<Conn<D>>),
    Given(PoolConnection<D::Database>),
}

/// A connection in use. It is kept for others only if it is given back, or is the database.
pub(super) struct Lease<'p, D: Dialect> {
    held: Option<Held<D>>,
    pool: &'p Pool<D>,
    /// Whether others may have left it broken.
    pub(super) reused: bool,
    /// Whether a transaction is open.
    pub(super) begun: bool,
    _permit: SemaphorePermit<'p>,
}

impl<D: Dialect> Pool<D> {
    pub(super) fn own(options: ConnectOptions<D>, connections: u32) -> Self {
        let is_database = D::is_private(&options);
        Self::new(Source::Own(Box::new(options)), connections, is_database)
    }

    pub(super) fn given(pool: sqlx::Pool<D::Database>, connections: u32) -> Self {
        Self::new(Source::Given(pool), connections, false)
    }

    fn new(source: Source<D>, connections: u32, is_database: bool) -> Self {
        let size = connections.max(1) as usize;
        Self { source, size, permits: Semaphore::new(size), idle: Mutex::default(), is_database }
    }

    /// Returns how many connections there are at most.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Returns a connection.
    pub(super) async fn lease(&self, patience: Patience) -> Result<Lease<'_, D>, Error> {
        let permit = match timeout(patience.turn, self.permits.acquire()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Error::PoolClosed),
            Err(_) => return Err(Error::PoolTimedOut),
        };
        let mut lease = Lease { held: None, pool: self, reused: true, begun: false, _permit: permit };
        match &self.source {
            Source::Own(options) => {
                if !lease.takes_rested().await {
                    // Boxed: it is large, and rarely needed.
                    lease.held = Some(Held::Own(Box::new(Box::pin(open::<D>(options, patience)).await?)));
                    lease.reused = false;
                }
            }
            Source::Given(pool) => {
                let acquired = Box::pin(timeout(patience.turn, pool.acquire())).await;
                lease.held = Some(Held::Given(acquired.unwrap_or(Err(Error::PoolTimedOut))?));
            }
        }
        Ok(lease)
    }

    /// Has the connections that nobody uses look as if they had rested for long.
    #[cfg(all(test, feature = "postgres"))]
    pub(super) fn age(&self) {
        for idle in &mut *self.idle.lock() {
            idle.since = idle.since.checked_sub(2 * RESTED).unwrap_or(idle.since);
        }
    }

    fn rest(&self, connection: Box<Conn<D>>, interrupted: bool) {
        self.idle.lock().push(Idle { connection, since: Instant::now(), interrupted });
    }

    /// Drops the connections that nobody uses: one is broken, so all may be.
    pub(super) fn forget(&self) {
        let idle = std::mem::take(&mut *self.idle.lock());
        drop(idle);
    }

    /// Closes the connections that nobody uses; nobody gets one any more.
    pub(super) async fn close(&self) {
        if let Source::Given(_) = self.source {
            return;
        }
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle.lock());
        for Idle { connection, .. } in idle {
            // What it is worth is gone anyway.
            let _ = connection.close().await;
        }
    }
}

async fn open<D: Dialect>(options: &ConnectOptions<D>, patience: Patience) -> Result<Conn<D>, Error> {
    let opening = async {
        let mut connection = Conn::<D>::connect_with(options).await?;
        D::opened(&mut connection).await?;
        Ok(connection)
    };
    timeout(patience.opening, opening).await.unwrap_or(Err(Error::PoolTimedOut))
}

impl<D: Dialect> Lease<'_, D> {
    /// Takes a connection that nobody uses, if there is one that works.
    async fn takes_rested(&mut self) -> bool {
        loop {
            let Some(idle) = self.pool.idle.lock().pop() else { return false };
            // Held already while it is asked, so that it is not lost with who stops waiting.
            self.held = Some(Held::Own(idle.connection));
            if idle.interrupted {
                // It fails if there is no transaction.
                let _ = D::batch(self, Arc::from("ROLLBACK")).await;
            }
            if self.pool.is_database || idle.since.elapsed() < RESTED || self.answers().await {
                return true;
            }
            self.held = None;
            self.pool.forget();
        }
    }

    /// Returns whether the server answers. What lies between may have dropped the connection without a word.
    async fn answers(&mut self) -> bool {
        timeout(ANSWERED, self.ping()).await.is_ok_and(|answer| answer.is_ok())
    }

    /// Gives the connection back, with nothing left undone on it.
    pub(super) fn give_back(mut self) {
        match self.held.take() {
            Some(Held::Own(connection)) => self.pool.rest(connection, false),
            Some(Held::Given(connection)) => drop(connection),
            None => {}
        }
    }

    /// Drops the connection, since it is broken.
    pub(super) fn discard(mut self) {
        if let Some(Held::Own(_)) = &self.held {
            self.held = None;
        }
    }

    /// Undoes what was begun.
    pub(super) async fn rollback(&mut self) -> Result<(), Error> {
        if self.begun {
            D::batch(self, Arc::from("ROLLBACK")).await?;
            self.begun = false;
        }
        Ok(())
    }

    /// Undoes what was begun, and gives the connection back if that succeeds.
    pub(super) async fn abandon(mut self) {
        if self.rollback().await.is_ok() {
            self.give_back();
        }
    }
}

impl<D: Dialect> Drop for Lease<'_, D> {
    fn drop(&mut self) {
        match self.held.take() {
            Some(Held::Own(connection)) if self.pool.is_database => self.pool.rest(connection, true),
            Some(Held::Given(mut connection)) => connection.close_on_drop(),
            _ => {}
        }
    }
}

impl<D: Dialect> Deref for Lease<'_, D> {
    type Target = Conn<D>;

    #[allow(clippy::unreachable, reason = "taken only by what consumes the lease")]
    fn deref(&self) -> &Conn<D> {
        match &self.held {
            Some(Held::Own(connection)) => connection,
            Some(Held::Given(connection)) => connection,
            None => unreachable!("a lease holds its connection until it is consumed"),
        }
    }
}

impl<D: Dialect> DerefMut for Lease<'_, D> {
    #[allow(clippy::unreachable, reason = "taken only by what consumes the lease")]
    fn deref_mut(&mut self) -> &mut Conn<D> {
        match &mut self.held {
            Some(Held::Own(connection)) => connection,
            Some(Held::Given(connection)) => connection,
            None => unreachable!("a lease holds its connection until it is consumed"),
        }
    }
}

impl<D: Dialect> fmt::Debug for Pool<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").field("available", &self.permits.available_permits()).finish_non_exhaustive()
    }
}
