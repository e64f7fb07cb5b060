//! Sessions in SQL databases: SQLite, PostgreSQL, MariaDB and MySQL.
//!
//! A session is one row. Its data is one JSON object, which anyone can query; what is known of it beside that has
//! columns of its own. A commit is one `UPDATE` of what it changes, under the condition that the session lives.

mod at_once;
mod builder;
mod codec;
mod commit;
mod dialect;
mod error;
mod index;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod paths;
mod plain;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod rotation;
mod row;
mod setup;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod statements;
mod storage;
mod sweep;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
mod work;

pub use self::builder::SqlBuilder;
pub use self::error::InvalidSql;
#[cfg(feature = "mysql")]
#[cfg_attr(docsrs, doc(cfg(feature = "mysql")))]
pub use self::mysql::{Mysql, MysqlStorage};
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::{Postgres, PostgresStorage};
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::sqlite::{Sqlite, SqliteStorage};
pub use self::storage::SqlStorage;

/// A database that sessions can be kept in.
#[allow(private_bounds, reason = "what it takes is no business of others")]
pub trait Database: dialect::Dialect {}

impl<D: dialect::Dialect> Database for D {}
