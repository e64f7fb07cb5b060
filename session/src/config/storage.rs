//! The storage that a configuration names.

use std::sync::Arc;

use super::valid::invalid;
use super::{Config, ConfigError};
use crate::storage::cookie::CookieStorage;
use crate::storage::memory::MemoryStorage;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use crate::storage::sql::{Database, SqlStorage};
use crate::storage::{Place, SessionStorage};

/// A storage that this build has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// `memory`
    Memory,
    /// `cookie`
    Cookie,
    /// `sqlite:`
    #[cfg(feature = "sqlite")]
    Sqlite,
    /// `postgres:`
    #[cfg(feature = "postgres")]
    Postgres,
    /// `mysql:`
    #[cfg(feature = "mysql")]
    Mysql,
    /// `redis:` and its kin
    #[cfg(feature = "redis")]
    Redis,
}

/// The names that are read, and the feature that each needs; [`None`] for what every build has.
const KNOWN: [(&str, Option<&str>); 13] = [
    ("memory", None),
    ("cookie", None),
    ("redis", Some("redis")),
    ("rediss", Some("redis-tls")),
    ("redis-cluster", Some("redis")),
    ("rediss-cluster", Some("redis-tls")),
    ("redis-sentinel", Some("redis")),
    ("rediss-sentinel", Some("redis-tls")),
    ("postgres", Some("postgres")),
    ("postgresql", Some("postgres")),
    ("sqlite", Some("sqlite")),
    ("mysql", Some("mysql")),
    ("mariadb", Some("mysql")),
];

/// Returns what stands before the first `:`, all of an address that may be printed.
pub(super) fn scheme(storage: &str) -> &str {
    let scheme = storage.split(':').next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'+';
    if scheme.len() <= 20 && scheme.bytes().all(plain) { scheme } else { "?" }
}

impl Backend {
    /// Returns the storage of an address.
    pub(crate) fn of(storage: &str) -> Result<Self, ConfigError> {
        match storage {
            "memory" => return Ok(Self::Memory),
            "cookie" => return Ok(Self::Cookie),
            _ => {}
        }
        let scheme = scheme(storage);
        match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => return Ok(Self::Sqlite),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => return Ok(Self::Postgres),
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => return Ok(Self::Mysql),
            #[cfg(feature = "redis")]
            "redis" | "redis-cluster" | "redis-sentinel" => return Ok(Self::Redis),
            #[cfg(feature = "redis-tls")]
            "rediss" | "rediss-cluster" | "rediss-sentinel" => return Ok(Self::Redis),
            _ => {}
        }
        match KNOWN.iter().find(|(known, _)| *known == scheme) {
            Some((_, Some(feature))) => Err(ConfigError::StorageFeature { scheme: scheme.into(), feature }),
            _ => Err(ConfigError::UnknownStorage { scheme: scheme.into() }),
        }
    }

    /// Returns the storage that a configuration names, for the session type `name`. Nothing is opened yet. Keys are named
    /// without their table.
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite", feature = "postgres", feature = "mysql")),
        allow(clippy::unnecessary_wraps, unused_variables, reason = "others fail")
    )]
    fn place(self, config: &Config, name: &str) -> Result<Place, ConfigError> {
        Ok(Place::Storage(match self {
            Self::Cookie => return Ok(CookieStorage::new().into()),
            Self::Memory => {
                let bytes = usize::try_from(config.memory.bytes.as_u64()).unwrap_or(usize::MAX);
                let memory = MemoryStorage::builder().max_sessions(config.memory.sessions).max_bytes(bytes);
                Arc::new(memory.build())
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let storage = sql::<crate::storage::sql::Sqlite>(config, name)?;
                match crate::storage::sql::missing_folder(&config.storage) {
                    Some(folder) => {
                        let expected = format!("a file in a folder that is there, and `{}` is none", folder.display());
                        return Err(invalid("storage", &expected));
                    }
                    None => storage,
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres => sql::<crate::storage::sql::Postgres>(config, name)?,
            #[cfg(feature = "mysql")]
            Self::Mysql => sql::<crate::storage::sql::Mysql>(config, name)?,
            #[cfg(feature = "redis")]
            Self::Redis => redis(config, name)?,
        }))
    }
}

impl Config {
    /// Returns the storage that is named, for the session type `name`. Nothing is opened yet.
    pub(crate) fn place(&self, name: &str) -> Result<Place, ConfigError> {
        let place = Backend::of(&self.storage)?.place(self, name);
        place.map_err(|error| error.within(|key| self.key(key)))
    }

    /// Returns where it is kept which sessions were ended that lived in their cookies, if that is named.
    pub(crate) fn revocations(&self, name: &str) -> Result<Option<Arc<dyn SessionStorage>>, ConfigError> {
        let Some(kept) = self.revoking(name) else { return Ok(None) };
        let place = Backend::of(&kept.storage)?.place(&kept, name).and_then(|place| match place {
            Place::Storage(storage) => Ok(Some(storage)),
            Place::Cookie(_) => Err(Self::no_revocations()),
        });
        let key = |key: &str| self.key(if key == "storage" { "cookie.revocations" } else { key });
        place.map_err(|error| error.within(key))
    }

    /// Returns the configuration of that storage.
    pub(super) fn revoking(&self, name: &str) -> Option<Self> {
        let storage = self.cookie.revocations.clone()?;
        Some(Self { storage, redis: self.redis.revoked(name), sql: self.sql.revoked(name), ..self.clone() })
    }

    /// Checks that the storage that `cookie.revocations` names is there, and none that keeps nothing.
    pub(super) fn validate_revocations(&self) -> Result<(), ConfigError> {
        match self.cookie.revocations.as_deref().map(Backend::of) {
            Some(Ok(Backend::Cookie) | Err(ConfigError::UnknownStorage { .. })) => Err(Self::no_revocations()),
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Ok(()),
        }
    }

    fn no_revocations() -> ConfigError {
        let expected = "`memory`, `sqlite://..`, `postgres://..`, `mysql://..`, `redis://..`, `redis-cluster://..` or `redis-sentinel://..`";
        invalid("cookie.revocations", expected)
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn sql<D: Database>(config: &Config, name: &str) -> Result<Arc<dyn SessionStorage>, ConfigError> {
    use crate::storage::sql::InvalidSql;
    let storage = || -> Result<SqlStorage<D>, InvalidSql> {
        let mut storage = SqlStorage::<D>::connect(&config.storage)?.table(config.sql.table_of(name));
        if let Some(schema) = &config.sql.schema {
            storage = storage.schema(schema);
        }
        if let Some(connections) = config.sql.connections {
            storage = storage.connections(connections);
        }
        storage.build()
    };
    match storage() {
        Ok(storage) => Ok(Arc::new(storage)),
        Err(error) => {
            let key = match &error {
                InvalidSql::Name(name) if config.sql.schema.as_ref() == Some(name) => "sql.schema",
                InvalidSql::Name(_) => "sql.table",
                InvalidSql::Address(_) => "storage",
            };
            Err(invalid(key, error.expected()))
        }
    }
}

#[cfg(feature = "redis")]
fn redis(config: &Config, name: &str) -> Result<Arc<dyn SessionStorage>, ConfigError> {
    use crate::storage::redis::{InvalidRedis, RedisBuilder};
    let refused = |key: &str, error: &InvalidRedis| Err(invalid(key, error.expected()));
    let mut builder = match RedisBuilder::from_url(&config.storage, &format!("{name}:")) {
        Ok(builder) => builder.timeout(config.timeout),
        Err(error) => return refused("storage", &error),
    };
    if let Some(prefix) = &config.redis.prefix {
        builder = builder.prefix(prefix);
    }
    if let Some(connections) = config.redis.connections {
        builder = builder.pool_size(connections);
    }
    if let Some(wait) = config.redis.wait {
        builder = builder.wait(wait.replicas, wait.timeout);
    }
    match builder.build() {
        Ok(storage) => Ok(Arc::new(storage)),
        Err(error) => refused("redis", &error),
    }
}
