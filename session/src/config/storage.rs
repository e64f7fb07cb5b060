//! The storage that a configuration names.

use super::ConfigError;

/// A storage that this build has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// `memory`
    Memory,
}

/// The names that are read, and the feature that each needs; [`None`] for what every build has.
const KNOWN: [(&str, Option<&str>); 12] = [
    ("memory", None),
    ("cookie", Some("cookie")),
    ("redis", Some("redis")),
    ("rediss", Some("redis")),
    ("redis-cluster", Some("redis")),
    ("rediss-cluster", Some("redis")),
    ("redis-sentinel", Some("redis")),
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
        if storage == "memory" {
            return Ok(Self::Memory);
        }
        let scheme = scheme(storage);
        match KNOWN.iter().find(|(known, _)| *known == scheme) {
            Some((_, Some(feature))) => Err(ConfigError::StorageFeature { scheme: scheme.into(), feature }),
            _ => Err(ConfigError::UnknownStorage { scheme: scheme.into() }),
        }
    }
}
