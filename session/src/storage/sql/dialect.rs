//! What differs between the databases.

use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection, Database, Error};

use super::codec::Codec;
use super::plain::Plain;
use super::statement::{Draft, Param, Syntax};

/// The connection of a dialect.
pub(super) type Conn<D> = <<D as Dialect>::Database as Database>::Connection;

/// The row of a dialect.
pub(super) type Row<D> = <<D as Dialect>::Database as Database>::Row;

/// How to connect to the database of a dialect.
pub(super) type ConnectOptions<D> = <Conn<D> as Connection>::Options;

/// What only this database says, and in its own way.
pub(super) struct Words {
    /// Begins a transaction in which each statement sees what was committed before it.
    pub(super) begin: &'static str,
    /// Lets one transaction at a time add sessions to an identity, which is `$2` as an integer and `$3` as the name of a
    /// row, or end several of its sessions. [`None`] where a transaction excludes all others.
    pub(super) lock: Option<&'static str>,
    /// Inserts a session, unless the key is in use.
    pub(super) insert: &'static str,
    /// Inserts another key of a session, or replaces what was under it.
    pub(super) insert_key: &'static str,
    /// Deletes sessions that everybody's end ended, no more than a batch.
    pub(super) sweep_epoch: &'static str,
    /// Deletes keys that ended before `$1`, no more than a batch.
    pub(super) sweep_keys: &'static str,
    /// Makes the tables.
    pub(super) script: &'static str,
    /// Keeps others from making the tables at the same time, where to begin a transaction does not.
    pub(super) lock_setup: Option<&'static str>,
    /// Lets them, where the end of a transaction does not.
    pub(super) unlock_setup: Option<&'static str>,
    /// Whether the tables are made in one transaction.
    pub(super) transactional_setup: bool,
}

/// A kind of database.
pub(super) trait Dialect: Sized + Send + Sync + 'static {
    type Database: Database;

    const SYNTAX: Syntax;
    const CODEC: Codec;
    const WORDS: Words;
    /// Whether there can be only one writer at a time.
    const ONE_WRITER: bool;
    /// Whether a statement may have parts that write, each what the one before it returned.
    const AT_ONCE: bool = false;

    /// Reads an address.
    fn options(url: &str) -> Result<ConnectOptions<Self>, Error>;

    /// Returns whether each connection would have a database of its own.
    fn is_private(_options: &ConnectOptions<Self>) -> bool {
        false
    }

    /// Prepares a new connection.
    fn opened(connection: &mut Conn<Self>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Refuses connections on which nothing would last.
    fn check(_connection: &mut Conn<Self>) -> impl Future<Output = Result<(), Error>> + Send {
        ready(Ok(()))
    }

    /// Carries out statements without parameters, which are not prepared.
    fn batch(connection: &mut Conn<Self>, text: Arc<str>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Carries out a statement. Returns how many rows it found.
    fn run(
        connection: &mut Conn<Self>,
        text: &Arc<str>,
        params: &[Param],
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Carries out statements that are one text, one after the other until one fails. Of each that was done it is
    /// counted how many rows it found.
    fn each(
        connection: &mut Conn<Self>,
        text: &Arc<str>,
        params: &[Param],
        counts: &mut Vec<u64>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Returns the rows of a query.
    fn rows(
        connection: &mut Conn<Self>,
        text: &Arc<str>,
        params: &[Param],
    ) -> impl Future<Output = Result<Vec<Row<Self>>, Error>> + Send;

    /// Returns the one row of a query that finds no more than one.
    fn row(
        connection: &mut Conn<Self>,
        text: &Arc<str>,
        params: &[Param],
    ) -> impl Future<Output = Result<Option<Row<Self>>, Error>> + Send;

    fn int(row: &Row<Self>, column: usize) -> Result<Option<i64>, Error>;
    fn flag(row: &Row<Self>, column: usize) -> Result<bool, Error>;
    fn bytes(row: &Row<Self>, column: usize) -> Result<Option<&[u8]>, Error>;
    fn text(row: &Row<Self>, column: usize) -> Result<Option<&str>, Error>;

    /// Writes what `data` becomes.
    fn patch(draft: &mut Draft, plain: &Plain);

    /// Writes the conditions under which a patch may be applied as it is, each after ` AND `.
    fn conditions(draft: &mut Draft, plain: &Plain);

    /// Returns whether an error of the database proves that nothing was done, and the same may succeed now.
    fn is_repeatable(code: &str) -> bool;

    /// Returns whether an error of the database proves that nothing was done, because of the connection alone.
    fn is_outdated(_error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool {
        false
    }

    /// Returns whether an error says that there is no such table.
    fn is_of_no_table(error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool;

    /// Returns whether an error says that a key is in use.
    fn is_taken(error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool {
        error.is_unique_violation()
    }
}

/// How long a connection may have rested and still be used unasked.
pub(super) const RESTED: Duration = Duration::from_secs(5);

/// Implements what is the same in every driver, word by word.
macro_rules! driver {
    ($database:ty) => {
        type Database = $database;

        async fn batch(connection: &mut Conn<Self>, text: Arc<str>) -> Result<(), Error> {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(connection).await.map(drop)
        }

        async fn run(connection: &mut Conn<Self>, text: &Arc<str>, params: &[Param]) -> Result<u64, Error> {
            let done =
                sqlx::query_with(sqlx::AssertSqlSafe(text.clone()), arguments(params)?).execute(connection).await?;
            Ok(done.rows_affected())
        }

        async fn each(
            connection: &mut Conn<Self>,
            text: &Arc<str>,
            params: &[Param],
            counts: &mut Vec<u64>,
        ) -> Result<(), Error> {
            let query = sqlx::query_with(sqlx::AssertSqlSafe(text.clone()), arguments(params)?);
            let mut steps = sqlx::Executor::fetch_many(connection, query);
            while let Some(step) = rocket::futures::TryStreamExt::try_next(&mut steps).await? {
                counts.extend(step.left().map(|done| done.rows_affected()));
            }
            Ok(())
        }

        async fn rows(connection: &mut Conn<Self>, text: &Arc<str>, params: &[Param]) -> Result<Vec<Row<Self>>, Error> {
            sqlx::query_with(sqlx::AssertSqlSafe(text.clone()), arguments(params)?).fetch_all(connection).await
        }

        async fn row(
            connection: &mut Conn<Self>,
            text: &Arc<str>,
            params: &[Param],
        ) -> Result<Option<Row<Self>>, Error> {
            sqlx::query_with(sqlx::AssertSqlSafe(text.clone()), arguments(params)?).fetch_optional(connection).await
        }

        fn int(row: &Row<Self>, column: usize) -> Result<Option<i64>, Error> {
            sqlx::Row::try_get_unchecked(row, column)
        }

        fn flag(row: &Row<Self>, column: usize) -> Result<bool, Error> {
            sqlx::Row::try_get_unchecked(row, column)
        }

        fn bytes(row: &Row<Self>, column: usize) -> Result<Option<&[u8]>, Error> {
            sqlx::Row::try_get_unchecked(row, column)
        }

        fn text(row: &Row<Self>, column: usize) -> Result<Option<&str>, Error> {
            sqlx::Row::try_get_unchecked(row, column)
        }
    };
}

/// Defines how parameters are bound.
macro_rules! arguments {
    ($arguments:ty) => {
        fn arguments(params: &[Param]) -> Result<$arguments, Error> {
            let mut arguments = <$arguments>::default();
            arguments.reserve(params.len(), params.iter().map(Param::size).sum());
            for param in params {
                match param {
                    Param::Int(value) => arguments.add(*value),
                    Param::MaybeInt(value) => arguments.add(*value),
                    Param::Flag(value) => arguments.add(*value),
                    Param::Bytes(value) => arguments.add(value.as_slice()),
                    Param::Text(value) => arguments.add(value.as_str()),
                    Param::MaybeText(value) => arguments.add(value.as_deref()),
                }
                .map_err(Error::Encode)?;
            }
            Ok(arguments)
        }
    };
}

pub(super) use {arguments, driver};
