//! What is wrong with a configuration.

use std::error::Error;
use std::fmt;

use crate::seal::InvalidSecret;

/// Why sessions can not be kept as configured. The launch stops.
///
/// As text it is one line that names the key and says what to write; no secret and no address of a database is in it, but
/// for the folder of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The application's figment can not be read at all, and Rocket says why.
    Unreadable,
    /// There is no such key.
    UnknownKey {
        /// The key, with its tables.
        key: String,
        /// The key that may have been meant.
        nearest: Option<&'static str>,
    },
    /// A value is not what its key takes.
    Invalid {
        /// The key, with its tables; of what was set in code, the field: `Config::idle`.
        key: String,
        /// What the key takes.
        expected: String,
    },
    /// A value contradicts another.
    Contradiction {
        /// The key, with its tables; of what was set in code, the field: `Config::idle`.
        key: String,
        /// What it contradicts.
        reason: String,
        /// What to write instead.
        instead: String,
    },
    /// There is no `secret_key`.
    NoSecretKey {
        /// The selected profile.
        profile: String,
    },
    /// The `secret_key` is none.
    SecretKey(InvalidSecret),
    /// The operating system gave no random bits.
    NoRandomness,
    /// There is no such storage.
    UnknownStorage {
        /// What stands before the first `:`.
        scheme: String,
    },
    /// The storage is not part of this build.
    StorageFeature {
        /// What stands before the first `:`.
        scheme: String,
        /// The feature that has it.
        feature: &'static str,
    },
    /// A session type has a security stamp, and nothing says which stamp is current.
    NoStampSource {
        /// The path of the session type.
        data: &'static str,
    },
    /// The storage can not do what a session type, or its configuration, asks for.
    Beyond {
        /// The storage.
        storage: &'static str,
        /// What it can not do, and what asks for it.
        what: String,
        /// What to write instead.
        instead: String,
    },
    /// A session type is attached twice.
    Twice {
        /// The path of the session type.
        data: &'static str,
    },
    /// Two session types have one name.
    SameName(String),
    /// Two session types have one cookie.
    SameCookie {
        /// The cookie's name.
        cookie: String,
        /// The name of the session type that was attached later.
        name: String,
    },
    /// Two session types have one table of one database.
    SameTable {
        /// The table.
        table: String,
        /// The name of one of them.
        name: String,
    },
    /// Two session types have one prefix of the keys of one Redis.
    SamePrefix {
        /// The prefix.
        prefix: String,
        /// The name of one of them.
        name: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => formatter.write_str("the configuration can not be read"),
            Self::UnknownKey { key, nearest: Some(nearest) } => {
                write!(formatter, "there is no key `{key}`: did you mean `{nearest}`?")
            }
            Self::UnknownKey { key, nearest: None } => write!(formatter, "there is no key `{key}`: remove it"),
            Self::Invalid { key, expected } => write!(formatter, "`{key}` takes {expected}"),
            Self::Contradiction { key, reason, instead } => write!(formatter, "`{key}` {reason}: {instead}"),
            Self::NoSecretKey { profile } => write!(
                formatter,
                "the profile `{profile}` has no `secret_key`: make one with `openssl rand -base64 32` and set it in \
                 `Rocket.toml` or as `ROCKET_SECRET_KEY`"
            ),
            Self::SecretKey(invalid) => {
                write!(formatter, "`secret_key` takes {invalid}: make one with `openssl rand -base64 32`")
            }
            Self::NoRandomness => formatter.write_str("the operating system gives no random bits"),
            Self::UnknownStorage { scheme } => write!(
                formatter,
                "there is no storage `{scheme}`: `storage` takes `memory`, `cookie`, `sqlite://..`, `postgres://..`, \
                 `mysql://..`, `redis://..`, `redis-cluster://..` or `redis-sentinel://..` (`rediss://..` and so on by TLS)"
            ),
            Self::StorageFeature { scheme, feature } => write!(
                formatter,
                "the storage `{scheme}` is not part of this build: add the feature `{feature}` to \
                 `rocket_typed_session` in `Cargo.toml`"
            ),
            Self::NoStampSource { data } => write!(
                formatter,
                "a field of `{data}` is a `stamp`, and nothing says which stamp an account has now: write \
                 `Sessions::<{data}>::builder().stamp(|id| async move {{ .. }})` where its fairing is attached"
            ),
            Self::Beyond { storage, what, instead } => {
                write!(formatter, "the storage `{storage}` can not {what}: {instead}, or name another `storage`")
            }
            Self::Twice { data } => {
                write!(formatter, "the fairing of `{data}` is attached twice: attach one of `Sessions::<{data}>`")
            }
            Self::SameName(name) => write!(
                formatter,
                "two session types are named `{name}`: give one another name with `#[session(name = \"..\")]`"
            ),
            Self::SameCookie { cookie, name } => {
                write!(formatter, "two session types have the cookie `{cookie}`: give one another `{name}.cookie.name`")
            }
            Self::SameTable { table, name } => write!(
                formatter,
                "two session types have the table `{table}` of one database: give one another `{name}.sql.table`"
            ),
            Self::SamePrefix { prefix, name } => write!(
                formatter,
                "the keys of two session types begin with `{prefix}` in one Redis: give one another \
                 `{name}.redis.prefix`"
            ),
        }
    }
}

impl Error for ConfigError {}
