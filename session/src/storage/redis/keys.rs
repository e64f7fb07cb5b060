//! The keys that are a storage's own.

use fred::types::config::ServerConfig;

use super::builder::InvalidRedis;
use super::url::Address;

/// The keys of a server that begin alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    server: ServerConfig,
    database: u8,
    pub(crate) prefix: String,
}

impl Keys {
    /// Returns the keys of the session type `name`, whose prefix the configuration may say, or else the address.
    pub(crate) fn of(url: &str, prefix: Option<&str>, name: &str) -> Result<Self, InvalidRedis> {
        let Address { config, prefix: addressed, .. } = Address::parse(url)?;
        let prefix = prefix.map(Into::into).or(addressed).unwrap_or_else(|| format!("{name}:"));
        Ok(Self { server: config.server, database: config.database.unwrap_or(0), prefix })
    }
}
