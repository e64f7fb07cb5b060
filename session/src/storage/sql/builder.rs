//! What a storage is made of.

use std::fmt;

use super::dialect::{ConnectOptions, Dialect};
use super::error::InvalidSql;
use super::statement::Tables;
use super::storage::SqlStorage;

/// A storage in a SQL database, to be set up.
pub struct SqlBuilder<D: super::Database> {
    source: Source<D>,
    schema: Option<String>,
    table: String,
    connections: u32,
}

enum Source<D: Dialect> {
    Options(Box<ConnectOptions<D>>),
    Pool(sqlx::Pool<D::Database>),
}

impl<D: super::Database> SqlStorage<D> {
    /// Returns a storage that connects by itself, to be set up. No connection is opened yet. The path of a SQLite file is
    /// relative to the working directory, unless it begins with `/`: `sqlite:///var/lib/app.db`.
    ///
    /// # Errors
    ///
    /// If the address can not be read.
    pub fn connect(url: &str) -> Result<SqlBuilder<D>, InvalidSql> {
        Ok(SqlBuilder::with_options(D::options(url).map_err(InvalidSql::Address)?))
    }
}

impl<D: super::Database> SqlBuilder<D> {
    pub(super) fn with_options(options: ConnectOptions<D>) -> Self {
        Self::new(Source::Options(Box::new(options)))
    }

    pub(super) fn with_pool(pool: sqlx::Pool<D::Database>) -> Self {
        Self::new(Source::Pool(pool))
    }

    fn new(source: Source<D>) -> Self {
        Self { source, schema: None, table: "sessions".into(), connections: 10 }
    }

    /// Sets the name of the table: `sessions` unless set. Two more have names that begin with it.
    #[must_use]
    pub fn table(self, table: impl Into<String>) -> Self {
        Self { table: table.into(), ..self }
    }

    /// Sets the schema that the tables are in: that of the connection unless set. It must be there.
    #[must_use]
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), ..self }
    }

    /// Sets how many connections there are at most: 10 unless set. SQLite has one more, which alone writes, and loads
    /// sessions on no more of them than there are processors, or on four. A pool that was given has its own number.
    #[must_use]
    pub fn connections(self, connections: u32) -> Self {
        Self { connections, ..self }
    }

    /// Returns the storage.
    ///
    /// # Errors
    ///
    /// If the table or the schema has no name that is safe in any statement.
    pub fn build(self) -> Result<SqlStorage<D>, InvalidSql> {
        let tables = Tables::new(D::SYNTAX, self.schema, self.table)?;
        Ok(match self.source {
            Source::Options(options) => SqlStorage::own(tables, *options, self.connections),
            Source::Pool(pool) => SqlStorage::given(tables, pool),
        })
    }
}

impl<D: super::Database> fmt::Debug for SqlBuilder<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqlBuilder")
            .field("schema", &self.schema)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
