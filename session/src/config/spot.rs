//! Where the sessions of one type are kept, which is no place for those of another.

use super::{Backend, Config, ConfigError};
#[cfg(feature = "redis")]
use crate::storage::redis::Keys;

/// Where a configuration keeps sessions, or which of them were ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    Table(Table),
    #[cfg(feature = "redis")]
    Keys(Keys),
}

/// A table of a SQL database.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    backend: Backend,
    address: String,
    schema: Option<String>,
    /// In small letters: not every database tells them from others.
    name: String,
}

impl Config {
    /// Returns where it is kept what is known of the session type `name`, unless that is in this process alone.
    pub(crate) fn spot(&self, name: &str) -> Option<Spot> {
        match Backend::of(&self.storage).ok()? {
            Backend::Memory => None,
            Backend::Cookie => self.revoking(name)?.outside(name),
            #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
            _ => self.outside(name),
        }
    }

    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite", feature = "postgres", feature = "mysql")),
        allow(clippy::unused_self, unused_variables, reason = "others look at both")
    )]
    fn outside(&self, name: &str) -> Option<Spot> {
        match Backend::of(&self.storage).ok()? {
            Backend::Memory | Backend::Cookie => None,
            #[cfg(feature = "redis")]
            Backend::Redis => Keys::of(&self.storage, self.redis.prefix.as_deref(), name).ok().map(Spot::Keys),
            #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
            backend => Some(Spot::Table(Table::of(backend, self, name))),
        }
    }
}

impl Spot {
    /// Says that two session types are kept there, of which that of a name may be given another place.
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite", feature = "postgres", feature = "mysql")),
        allow(unused_variables, reason = "there is no such place")
    )]
    pub(crate) fn taken(&self, name: &str) -> ConfigError {
        match *self {
            #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
            Self::Table(ref table) => ConfigError::SameTable { table: table.name.clone(), name: name.into() },
            #[cfg(feature = "redis")]
            Self::Keys(ref keys) => ConfigError::SamePrefix { prefix: keys.prefix.clone(), name: name.into() },
        }
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
impl Table {
    fn of(backend: Backend, config: &Config, name: &str) -> Self {
        let address = config.storage.split_once(':').map_or("", |(_, rest)| rest.trim_start_matches("//"));
        Self {
            backend,
            address: address.into(),
            schema: config.sql.schema.clone(),
            name: config.sql.table_of(name).to_ascii_lowercase(),
        }
    }
}
