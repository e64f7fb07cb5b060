//! A storage to be configured, and its connections.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fred::clients::Client;
use fred::interfaces::ClientLike;
use fred::prelude::Pool;
use fred::types::InfoKind;
use fred::types::config::{
    Config, ConnectionConfig, PerformanceConfig, ReconnectPolicy, TcpConfig, UnresponsiveConfig,
};
use parking_lot::Mutex;
use rocket::tokio::time::{sleep, timeout};
use rocket::tokio::{spawn, task::JoinHandle};

use super::cache::Cache;
use super::client::{Command, Connections, Wait};
use super::epoch::Epoch;
use super::names::Names;
use super::patience::Reconnections;
use super::together::Together;
use super::url::Address;
use super::{Inner, RedisStorage};
use crate::error::StorageError;

/// The pause before a lost connection is made again, in milliseconds.
const RECONNECT: u32 = 100;

/// What keys begin with unless it is set.
pub(super) const PREFIX: &str = "session:";

/// How many sessions are kept as they were read, unless it is set; and at most.
const CACHE: usize = 4096;
const MOST_CACHED: usize = 1 << 20;

/// How long a launch waits for the first connection.
const LAUNCH: Duration = Duration::from_secs(10);

/// Why there is no storage of a configuration. No address and no password is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRedis(pub(super) &'static str);

impl fmt::Display for InvalidRedis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a storage in Redis takes {}", self.0)
    }
}

impl std::error::Error for InvalidRedis {}

impl InvalidRedis {
    /// Returns what would be valid, as an operator reads it.
    pub(crate) const fn expected(&self) -> &'static str {
        self.0
    }
}

/// A [`RedisStorage`] to be configured.
#[derive(Debug, Clone)]
pub struct RedisBuilder {
    servers: Servers,
    prefix: String,
    pool: usize,
    wait: Option<Wait>,
    timeout: Duration,
    connect_timeout: Duration,
    cache: usize,
}

#[derive(Debug, Clone)]
enum Servers {
    Config(Box<Config>),
    Pool(Pool),
}

impl RedisBuilder {
    pub(crate) fn from_url(url: &str, prefix: &str) -> Result<Self, InvalidRedis> {
        let address = Address::parse(url)?;
        let builder = Self::of(Servers::Config(Box::new(address.config)));
        Ok(Self {
            prefix: address.prefix.unwrap_or_else(|| prefix.into()),
            pool: address.pool.unwrap_or(builder.pool),
            connect_timeout: address.connect_timeout.unwrap_or(builder.connect_timeout),
            cache: address.cache.unwrap_or(builder.cache),
            ..builder
        })
    }

    /// Returns a storage for the servers of a fred configuration, with connections of its own.
    pub fn from_config(config: Config) -> Self {
        Self::of(Servers::Config(Box::new(config)))
    }

    /// Returns a storage that shares the connections of a pool, which whoever made it connects and closes.
    ///
    /// Writes are sent once and fail at once without a connection, whatever the pool's own options are.
    pub fn from_pool(pool: Pool) -> Self {
        Self::of(Servers::Pool(pool))
    }

    fn of(servers: Servers) -> Self {
        Self {
            servers,
            prefix: PREFIX.into(),
            pool: 4,
            wait: None,
            timeout: Duration::from_secs(2),
            connect_timeout: Duration::from_secs(1),
            cache: CACHE,
        }
    }

    /// Sets what all keys begin with: `session:` unless set. Storages of different session types have different ones.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Sets how many connections there are, in a Cluster to each primary: 4 unless set.
    #[must_use]
    pub fn pool_size(self, connections: usize) -> Self {
        Self { pool: connections, ..self }
    }

    /// Sets how many replicas must confirm each write, and how long they may take. None, unless set.
    ///
    /// A write that fewer confirmed is an error, whose outcome is unknown: it is not undone. Writes have connections of
    /// their own then, as many as the reads; in a pool that is shared, half of them.
    #[must_use]
    pub fn wait(self, replicas: u32, timeout: Duration) -> Self {
        Self { wait: Some(Wait { replicas, timeout }), ..self }
    }

    /// Sets how long an operation waits for an answer: 2 seconds unless set.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets how long a connection may take to be made: one second unless set.
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self { connect_timeout: timeout, ..self }
    }

    /// Sets how many sessions are kept as they were read last, so that texts that are the same need not be decoded again:
    /// 4096 unless set, none if it is zero. Those that take more than 2 KiB in the server are not kept. Each load asks the
    /// server all the same.
    ///
    /// What is kept of a session, with what is secret in it, stays in this process's memory until another takes its place
    /// or this process finds it ended. Requests share what is kept, as they do in memory: what a field has inside a lock or
    /// an atomic, all of them see.
    #[must_use]
    pub fn cache(self, sessions: usize) -> Self {
        Self { cache: sessions, ..self }
    }

    /// Returns the storage. It connects when it is set up, at launch.
    ///
    /// # Errors
    ///
    /// Fails if a setting can not be.
    pub fn build(self) -> Result<RedisStorage, InvalidRedis> {
        self.validate()?;
        let owned = matches!(self.servers, Servers::Config(_));
        let pool = match self.servers.clone() {
            Servers::Pool(pool) => pool,
            Servers::Config(config) => self.pool_of(*config)?,
        };
        let clustered = pool.next().client_config().server.is_clustered();
        let connections = Connections {
            pool,
            clustered,
            wait: self.wait,
            timeout: self.timeout,
            reconnections: Reconnections::default(),
        };
        let connections = Arc::new(connections);
        let together = (!clustered).then(|| Together::new(&connections));
        let inner = Inner {
            names: Names::new(self.prefix),
            connections,
            together,
            epoch: Epoch::new(clustered),
            cache: Cache::new(self.cache),
        };
        Ok(RedisStorage { inner: Arc::new(inner), drivers: Mutex::default(), owned })
    }

    fn validate(&self) -> Result<(), InvalidRedis> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":._-/".contains(&byte);
        if self.prefix.len() > 64 || !self.prefix.bytes().all(plain) {
            return Err(InvalidRedis("a prefix of up to 64 letters, digits and `:._-/`"));
        }
        if self.pool == 0 || self.pool > 1024 {
            return Err(InvalidRedis("1 to 1024 connections"));
        }
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return Err(InvalidRedis("timeouts longer than zero"));
        }
        if self.cache > MOST_CACHED {
            return Err(InvalidRedis("a `cache` of up to 1,048,576 sessions"));
        }
        match self.wait {
            Some(Wait { replicas: 0, .. }) => Err(InvalidRedis("a number of replicas to wait for, greater than zero")),
            // Without an end, `WAIT` blocks the connection for good.
            Some(Wait { timeout, .. }) if timeout < Duration::from_millis(1) || timeout >= self.timeout => {
                Err(InvalidRedis("a time to wait for replicas of a millisecond or more, shorter than `timeout`"))
            }
            _ => Ok(()),
        }
    }

    fn pool_of(&self, config: Config) -> Result<Pool, InvalidRedis> {
        let connection = ConnectionConfig {
            connection_timeout: self.connect_timeout,
            internal_command_timeout: self.connect_timeout,
            max_command_attempts: 1,
            max_redirections: 0,
            reconnect_on_auth_error: true,
            // A connection that swallows answers is given up; what waits on it is not sent again.
            unresponsive: UnresponsiveConfig {
                max_timeout: Some(self.timeout.saturating_mul(2)),
                interval: (self.timeout / 4).max(Duration::from_millis(50)),
            },
            tcp: TcpConfig { nodelay: Some(true), ..TcpConfig::default() },
            ..ConnectionConfig::default()
        };
        let performance = PerformanceConfig { default_command_timeout: self.timeout, ..PerformanceConfig::default() };
        let mut policy = ReconnectPolicy::new_constant(0, RECONNECT);
        policy.set_jitter(RECONNECT / 2);
        let size = if self.wait.is_some() { 2 * self.pool } else { self.pool };
        Pool::new(Config { fail_fast: false, ..config }, Some(performance), Some(connection), Some(policy), size)
            .map_err(|_| InvalidRedis("another configuration of the client"))
    }
}

impl RedisStorage {
    /// Connects, unless somebody else does.
    pub(super) async fn connect(&self) -> Result<(), StorageError> {
        let pool = &self.inner.connections.pool;
        if self.owned && self.drivers.lock().is_empty() {
            let drivers: Vec<_> = pool.clients().iter().map(|client| drive(client.clone())).collect();
            self.drivers.lock().extend(drivers);
        }
        match timeout(LAUNCH, pool.wait_for_connect()).await {
            Ok(connected) => connected.map_err(super::error::failed),
            Err(_) => Err(StorageError::Timeout),
        }
    }
}

/// Keeps a client connected, also when it has given up.
fn drive(client: Client) -> JoinHandle<()> {
    spawn(async move {
        loop {
            if let Ok(Err(error)) = client.connect().await {
                log::warn!("the connection to Redis ended, and is made anew: {error}");
            }
            sleep(Duration::from_millis(u64::from(RECONNECT))).await;
        }
    })
}

impl Inner {
    /// Warns of a server that evicts sessions, and of one that revives them.
    pub(super) async fn warn(&self) {
        let policy = self.info(InfoKind::Memory, "maxmemory_policy:").await;
        if let Some(policy) = policy.filter(|policy| policy != "noeviction") {
            log::warn!(
                "Redis evicts keys when its memory is full (`maxmemory-policy {policy}`), which ends sessions: set \
                 `noeviction`"
            );
        }
        if let Some(save) = self.snapshots().await {
            log::warn!(
                "Redis begins anew with its last snapshot (`save {save}`), in which sessions live that have ended since: \
                 set `appendonly yes`, or `save \"\"` to keep nothing"
            );
        }
    }

    /// Returns when the server writes snapshots, if it begins anew with those, and says so.
    async fn snapshots(&self) -> Option<String> {
        if self.info(InfoKind::Persistence, "aof_enabled:").await? != "0" {
            return None;
        }
        let answer = self.connections.read(&Command::Config("save")).await.ok()?;
        let mut settings: HashMap<String, String> = answer.convert().ok()?;
        settings.remove("save").filter(|save| !save.is_empty())
    }

    /// Returns what the server says of itself behind a name.
    async fn info(&self, section: InfoKind, name: &str) -> Option<String> {
        let text = self.connections.read(&Command::Info(section)).await.ok()?.into_string()?;
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(value.trim().to_owned())
    }
}
