//! Sessions in Redis or Valkey: one server, one behind Sentinels, or a Cluster.
//!
//! A session is a hash that a person can read:
//!
//! ```text
//! > HGETALL session:{KSdy5vrcl5ZiWKo5081YUQ}:Se3zIGWrkHx1Jsm-D8SvBO894FjYl1SQUDzY2b4oTA8
//! @handle            KSdy5vrcl5ZiWKo5081YUfWMtrXP3gSqBc7-amNHV7Y
//! @version           7
//! @identified        true
//! @newborn           false
//! @rotation_due      false
//! @created_at        1795237004697
//! @seen_at           1795237004917
//! @authenticated_at  1795237004697
//! @renewed_at        1795237004697
//! @expires_at        1795240604917
//! @deadline          1795323404697
//! @client            {"agent":"curl/7.88.1","ip":"127.0.0.1"}
//! @epoch             1795237002795
//! id                 1
//! name               "ada"
//! nickname           ""
//! role               "admin"
//! theme              "dark"
//! language           "en"
//! visits             3
//! cart               {}
//! cart/7             2
//! notice             "Welcome back"
//! ```
//!
//! Fields are JSON texts. A map or set whose entries merge one by one has the text `{}`, and each entry is a field of
//! its own.
//!
//! A load is one script, so that the session and its place in the index are of one moment. Every write is one script,
//! and is sent once: it is repeated only after an answer that proves that nothing ran. What belongs to one identifier
//! shares a hash tag, and so a slot, so that every script is one atomic step in a Cluster, too. Scripts take and give
//! texts by the `cmsgpack` that Redis and Valkey bring along. Each change is tested on Redis 7.0; in November 2026 the
//! same tests passed on Redis 8.0 and Valkey 9.1, and on Redis 6.2 those that need nothing later.
//!
//! What requests ask for in the same turn of the runtime, to load or to change their sessions, is sent to a single server
//! as one script, eight at most; each has its own answer. Nothing waits for that: who comes alone is sent alone.
//!
//! Sessions that were read last are kept as they were read, some thousands ([`cache`](RedisBuilder::cache)). Each load
//! asks the server all the same, and nothing is believed but what it says: only texts that it said before, byte for byte,
//! are not decoded again.
//!
//! # What decides
//!
//! A session that belongs to somebody lives as long as it is in the index of its owner, a sorted set. To end all of
//! somebody's sessions is to empty that. If the server evicts an index, those sessions end; if it evicts the hash of
//! handles beside it, they may end when their owner signs in once more. Never does an eviction revive one that was ended.
//! Let the server evict nothing (`maxmemory-policy noeviction`); a launch warns otherwise.
//!
//! Such a server refuses what takes room once its memory is full: new sessions of nobody, and changes to any. Those
//! requests are answered with 503, and uses are not written down. Who signs in is let in, and every session can be ended.
//!
//! # What replication can lose
//!
//! Redis replicates asynchronously: what was acknowledged in the moments before a failover can be lost, a sign-out
//! too. With [`wait`](RedisBuilder::wait) a write that too few replicas confirmed in time answers 503; whether it
//! happened is unknown then. Reads go to the primary alone. Who needs more than that keeps sessions in an SQL database.
//!
//! Measured on 26 November 2026, in a Cluster whose primary was killed while its replica was cut off: of 20 sign-outs
//! acknowledged meanwhile 20 were undone, and those sessions lived on; with `wait`, none of 8 was acknowledged.
//!
//! # What persistence can lose
//!
//! A server that keeps snapshots alone begins anew with the last one, after a crash or a loss of power: sessions live on
//! in it that were ended since, and everyone's, if everyone's were ended. As Redis is configured unless told otherwise
//! (`save 3600 1 300 100 60 10000`), that is up to an hour; a launch warns of it. An append-only file (`appendonly yes`)
//! loses a second at most, and nothing with `appendfsync always`. A server that keeps nothing (`save ""`) loses all
//! sessions, and revives none.
//!
//! # What a Cluster does otherwise
//!
//! Signing in moves a session to another slot in two steps: the new session is made, then the old one is ended if it
//! did not change meanwhile. A crash between the two leaves the old session as it was, and another that nobody has the
//! token of, listed until it expires.
//!
//! The cap on a user's sessions binds in the first step, before it is known what the second finds. What it ends stays
//! ended if the old session is gone, and somebody's session that is replaced by the token it had in another slot a
//! moment ago is counted, too.
//!
//! In between the new session is listed already. To end it by its handle, or all of its owner's, ends it, and counts it,
//! also if the second step then finds the old one gone. What was ended so is not made again.
//!
//! While a slot moves between servers, what is asked of a session that is not whole on the old server waits until the
//! slot is settled, as long as an operation may take, and answers 503 then. So does what deletes a session's key, or
//! changes the session by a pending one, wherever the session is: nothing of it is done before.
//!
//! To end everyone's sessions takes effect in the process that does it at once, and in others within five seconds.

mod builder;
mod cache;
mod call;
mod client;
mod epoch;
mod error;
mod index;
mod keys;
mod load;
mod names;
mod pack;
mod patch;
mod patience;
mod record;
mod rotation;
mod script;
mod slots;
mod together;
mod url;
mod write;

use std::fmt;
use std::sync::Arc;

/// The client, in the version that [`RedisBuilder`] takes a configuration or a pool of.
pub use fred;
use fred::interfaces::ClientLike;
use parking_lot::Mutex;
use rocket::async_trait;
use rocket::tokio::task::JoinHandle;

pub use self::builder::{InvalidRedis, RedisBuilder};
use self::cache::Cache;
use self::client::Connections;
use self::epoch::Epoch;
pub(crate) use self::keys::Keys;
use self::names::Names;
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::record::read;
use self::together::Together;
use super::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::token::{Key, Tag};

/// Sessions in Redis or Valkey.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use rocket_typed_session::storage::redis::RedisStorage;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let storage = RedisStorage::builder("redis-cluster://10.0.0.1:6379?node=10.0.0.2:6379")?
///     .prefix("shop:")
///     .pool_size(8)
///     .wait(1, Duration::from_millis(200))
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub struct RedisStorage {
    inner: Arc<Inner>,
    /// Drive the connections; none if they are somebody else's.
    drivers: Mutex<Vec<JoinHandle<()>>>,
    owned: bool,
}

/// What requests, and what goes on after them, share.
struct Inner {
    names: Names,
    connections: Arc<Connections>,
    /// [`None`] in a Cluster.
    together: Option<Together>,
    epoch: Epoch,
    cache: Cache,
}

impl Inner {
    /// Returns the slot of everything that bears a tag; to a single server all are one.
    fn slot(&self, tag: Tag) -> u16 {
        if self.connections.clustered { names::slot(tag) } else { 0 }
    }
}

impl fmt::Debug for RedisStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisStorage").field("names", &self.inner.names).finish_non_exhaustive()
    }
}

impl RedisStorage {
    /// Returns a storage for the servers of an address, to be configured.
    ///
    /// | address | servers |
    /// |---|---|
    /// | `redis://[user:password@]host[:port][/database]` | one server |
    /// | `redis-sentinel://[user:password@]sentinel[:port][/database]?name=primary&node=sentinel:port` | the primary that Sentinels name |
    /// | `redis-cluster://[user:password@]host[:port]?node=host:port` | a Cluster |
    ///
    /// `rediss`, `rediss-sentinel` and `rediss-cluster` are the same by TLS, with the feature `redis-tls`. More options
    /// are given as `?pool=8&prefix=shop:&cache=4096`, `connect_timeout=500ms`, `sentinel_user=..` and `sentinel_password=..`.
    ///
    /// # Errors
    ///
    /// Fails if the address is none of these.
    pub fn builder(url: &str) -> Result<RedisBuilder, InvalidRedis> {
        RedisBuilder::from_url(url, builder::PREFIX)
    }
}

#[async_trait]
impl SessionStorage for RedisStorage {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        self.inner.load(key, now).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.inner.create(key, &record, now).await
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.inner.commit(key, &patch, now).await
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let rotated = match how {
            Rotation::Privilege => self.inner.privilege(old, new, &patch, now).await,
            Rotation::Renewal { grace } => self.inner.renew(old, new, &patch, grace, now).await,
            Rotation::Restart(record) => self.inner.restart(old, new, &record, now).await,
        };
        self.inner.cache.forget(old);
        rotated
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        self.inner.touch(key, &seen, now).await
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        let deleted = self.inner.delete(key, now).await;
        self.inner.cache.forget(key);
        deleted
    }

    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        self.inner.epoch.raise(&self.inner).await
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.connect().await?;
        self.inner.warn().await;
        self.inner.epoch.renew(&self.inner).await.map(drop)
    }

    async fn shutdown(&self) {
        for driver in self.drivers.lock().drain(..) {
            driver.abort();
        }
        if self.owned {
            let _ = self.inner.connections.pool.quit().await;
        }
    }
}
