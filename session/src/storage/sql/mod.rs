//! Sessions in SQL databases: SQLite, PostgreSQL, MariaDB and MySQL.
//!
//! A session is one row. Its data is one JSON object, which anyone can query; what is known of it beside that has
//! columns of its own. A commit is one `UPDATE` of what it changes, under the condition that the session lives.
//!
//! ```text
//! postgres=# SELECT data FROM sessions;
//! {"id": 1, "cart": {"7": 2}, "name": "ada", "role": "admin", "theme": "dark", "notice": "Welcome back", "visits": 3, "language": "en", "nickname": ""}
//!
//! postgres=# SELECT data ->> 'name' AS name, data -> 'visits' AS visits FROM sessions WHERE data ->> 'theme' = 'dark';
//!  name | visits
//! ------+--------
//!  ada  | 3
//! ```
//!
//! Texts that a database would not give back as they were stand in `{"$text": ".."}`, and names that a path can not
//! hold are written in hexadecimal digits after a `~`. The order of an object's keys is not kept.
//!
//! # Tables
//!
//! They are made at launch, unless they are there. Who migrates a database by other means takes the files of the
//! folder `sql` of this package, in which the table is named `sessions`; no right to make tables is needed then. The
//! launch waits for a connection for ten seconds at most, and is refused then.
//!
//! # Connections
//!
//! A storage that connects by itself keeps few connections, and asks nothing of the database but what an operation
//! needs: one round trip for a load, a commit, a touch, and an end. It fails at once while there is no connection, and
//! forgets those that broke, those that rested and do not answer within half a second, and those to a server that only
//! reads by now. A pool of the application may be given instead; it must be one of this `sqlx` (0.9): `rocket_db_pools`
//! 0.2 brings another.
//!
//! Commits and touches that wait for the one writer of SQLite share a transaction. It is read by as many connections as
//! there are processors, or by four; loads that come while all of them are in use share one statement. Whoever asks first
//! has a task of his runtime carry out what waits: a runtime that is neither driven nor dropped keeps others waiting.
//!
//! To give a session another token is one round trip to PostgreSQL, and six to MariaDB. Where the sessions of somebody
//! are counted, by `max_per_user`, a sign-in takes its turn among the others of the same identifier: five round trips
//! without a session before it, and nine in the place of one.
//!
//! Statements are prepared, and stay so on their connection. A pooler between them and PostgreSQL that hands out
//! connections by the transaction (`pool_mode = transaction`) must know of that: PgBouncer does from 1.21 on, with
//! `max_prepared_statements` of 200, say. One that hands them out by the session need not. PgBouncer refuses startup
//! parameters that it does not know, unless its `ignore_startup_parameters` names them: a storage that connects by its
//! address sends none, if the address has no `options`; options and pools of the application need
//! `PgConnectOptions::extra_float_digits(None)`. Behind a pooler a schema is named by `schema`, not by a `search_path`,
//! which would be that of a connection that others use too. Tests go through PgBouncer 1.18 by the session, and went
//! through 1.21 and 1.26 by the transaction, which the scripts do where they find it.
//!
//! # Versions
//!
//! Each change is tested on PostgreSQL 15, SQLite and MariaDB 10.11. In November 2026 the same tests passed on
//! PostgreSQL 14 and 18, MariaDB 10.6, and MySQL 8.0 and 9.7. Statements need `SKIP LOCKED`: MariaDB 10.6, MySQL 8.0, or
//! later ones.
//!
//! Users of MySQL prove their passwords by `caching_sha2_password`, unless they were made to do it otherwise. That needs
//! an encrypted connection: the feature `sql-tls`, and TLS at the server, which it has by default.
//!
//! # Encryption
//!
//! With the feature `sql-tls` a connection to PostgreSQL, MariaDB or MySQL is encrypted if the server offers it, and its
//! certificate is not checked: so the driver does, unless the address says more. `?sslmode=verify-full` (PostgreSQL) and
//! `?ssl-mode=VERIFY_IDENTITY` (MariaDB and MySQL) insist on both. Certificates are compared with Mozilla's list of
//! authorities; one of your own is named by `&sslrootcert=/path/ca.pem` or `&ssl-ca=/path/ca.pem` beside it.
//!
//! # Durability
//!
//! What PostgreSQL, MariaDB and MySQL acknowledged is on disk, as they are set by default. SQLite is opened in WAL with
//! `synchronous = NORMAL`: a crash of the application loses nothing, one of the machine may lose the last moments,
//! sign-outs too. `SqliteStorage::connect_with` takes other options.

mod at_once;
mod builder;
mod codec;
mod commit;
mod connections;
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
mod together;
mod update;
mod work;

pub use self::builder::SqlBuilder;
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::codec::Codec;
pub use self::error::InvalidSql;
#[cfg(feature = "mysql")]
#[cfg_attr(docsrs, doc(cfg(feature = "mysql")))]
pub use self::mysql::{Mysql, MysqlStorage};
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::{Postgres, PostgresStorage};
#[cfg(feature = "sqlite")]
pub(crate) use self::sqlite::missing_folder;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::sqlite::{Sqlite, SqliteStorage};
pub use self::storage::SqlStorage;

/// A database that sessions can be kept in.
#[allow(private_bounds, reason = "what it takes is no business of others")]
pub trait Database: dialect::Dialect {}

impl<D: dialect::Dialect> Database for D {}
