//! Errors of the database, and what they prove.

use std::fmt;

use sqlx::Error;

use super::dialect::Dialect;
use super::statement::InvalidName;
use crate::error::StorageError;

/// Returns whether the connection, and perhaps all others, are of no use any more.
pub(super) fn is_broken(error: &Error) -> bool {
    match error {
        // PostgreSQL shuts down, or was about to; MySQL closes a connection.
        Error::Database(error) => {
            error.code().is_some_and(|code| matches!(&*code, "57P01" | "57P02" | "57P03" | "25P03" | "08S01" | "08006"))
        }
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Returns whether an error proves that nothing was done, and the same may succeed now.
pub(super) fn is_repeatable<D: Dialect>(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.code().is_some_and(|code| D::is_repeatable(&code)))
}

/// Returns whether an error proves that nothing was done, and that a new connection may do it: the server of this one only
/// reads by now, or what was prepared on it does not fit any more.
pub(super) fn is_outdated<D: Dialect>(error: &Error) -> bool {
    matches!(error, Error::Database(error) if D::is_outdated(&**error))
}

/// What MySQL asks for by default, and never without TLS: the driver's own words for it name a feature of the driver's.
const UNENCRYPTED: &str = "this user of MySQL proves its password by `caching_sha2_password`, which needs an encrypted \
     connection: turn on the feature `sql-tls` of `rocket_typed_session`, and TLS at the server";

/// What an address asks for that the build does not have.
const WITHOUT_TLS: &str = "the address of the database asks for TLS: turn on the feature `sql-tls` of \
     `rocket_typed_session`";

/// Returns the error that a storage gives.
pub(super) fn failed(error: Error) -> StorageError {
    match error {
        Error::PoolTimedOut => StorageError::Timeout,
        Error::Configuration(why) if why.to_string().contains("mysql-rsa") => StorageError::unavailable(UNENCRYPTED),
        Error::Tls(why) if why.to_string().contains("without TLS support") => StorageError::unavailable(WITHOUT_TLS),
        Error::Database(error) if error.is_unique_violation() => {
            StorageError::Unsupported("a rotation takes an unused key")
        }
        error => StorageError::unavailable(error),
    }
}

/// Why there can be no storage of this kind.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidSql {
    /// The address is none of such a database.
    Address(Error),
    /// This is no name of a table or schema: up to 40 letters, digits and `_`, of which the first is no digit.
    Name(String),
}

impl InvalidSql {
    /// Returns what should be written instead.
    pub(crate) fn expected(&self) -> &'static str {
        match self {
            Self::Address(_) => {
                "an address such as `sqlite://app.db`, `postgres://user@host/database` or `mysql://user@host/database`"
            }
            Self::Name(_) => "a name of up to 40 letters, digits and `_`, of which the first is no digit",
        }
    }
}

impl From<InvalidName> for InvalidSql {
    fn from(InvalidName(name): InvalidName) -> Self {
        Self::Name(name)
    }
}

impl fmt::Display for InvalidSql {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The address may hold a password.
            Self::Address(_) => {
                write!(formatter, "the address of the database can not be read: write {}", self.expected())
            }
            Self::Name(name) => {
                write!(formatter, "`{name}` is no name of a table: write {}", self.expected())
            }
        }
    }
}

impl std::error::Error for InvalidSql {}
