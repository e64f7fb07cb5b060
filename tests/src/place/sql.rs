//! Tables of their own in SQL databases.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::storage::SessionStorage;
use sqlx::{AssertSqlSafe, Connection, Row};

use super::Place;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::servers::{address, unused};

/// Returns the columns of all rows of a table, in the database's own bytes.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! columns {
    ($connection:expr, $table:expr) => {{
        let rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {}", $table))).fetch_all($connection).await;
        let mut bytes = Vec::new();
        for row in rows.expect("the table is there") {
            for column in 0..row.len() {
                let column: Option<Vec<u8>> = row.try_get_unchecked(column).expect("bytes");
                bytes.extend(column.unwrap_or_default());
                bytes.push(b'\n');
            }
        }
        bytes
    }};
}

/// Returns how many rows a table has.
macro_rules! count {
    ($connection:expr, $table:expr) => {{
        let query = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", $table));
        let count: i64 = sqlx::query_scalar(query).fetch_one($connection).await.expect("the table is there");
        u64::try_from(count).ok()
    }};
}

/// A file of SQLite, which goes with the test.
#[cfg(feature = "sqlite")]
pub(super) struct File(tempfile::TempDir);

#[cfg(feature = "sqlite")]
impl File {
    pub(super) fn new() -> Self {
        Self(tempfile::TempDir::new().expect("a directory"))
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("sessions.db").display())
    }
}

#[cfg(feature = "sqlite")]
#[async_trait]
impl Place for File {
    fn storage(&self) -> Arc<dyn SessionStorage> {
        use rocket_typed_session::storage::sql::SqliteStorage;
        Arc::new(SqliteStorage::connect(&self.url()).expect("an address").build().expect("a storage"))
    }

    /// The files, as they are on the disk.
    async fn dump(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.0.path()).expect("the directory").filter_map(Result::ok);
        files.flat_map(|file| std::fs::read(file.path()).expect("a file")).collect()
    }

    async fn held(&self) -> Option<u64> {
        let mut connection = sqlx::SqliteConnection::connect(&self.url()).await.expect("the file is there");
        count!(&mut connection, "sessions")
    }

    async fn plan(&self, statement: String) -> Vec<String> {
        let mut connection = sqlx::SqliteConnection::connect(&self.url()).await.expect("the file is there");
        let query = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(query).fetch_all(&mut connection).await.expect("a plan");
        rows.iter().map(|row| row.get("detail")).collect()
    }
}

/// Defines a table of its own on a server.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! table {
    ($(#[$meta:meta])* $name:ident, $storage:ident, $connection:ident, $variable:literal, $plan:expr) => {
        $(#[$meta])*
        pub(super) struct $name {
            url: String,
            table: String,
        }

        impl $name {
            pub(super) fn new() -> Option<Self> {
                Some(Self { url: address($variable, "scripts/servers/sql")?, table: unused() })
            }

            async fn connection(&self) -> sqlx::$connection {
                sqlx::$connection::connect(&self.url).await.expect("the server listens")
            }
        }

        #[async_trait]
        impl Place for $name {
            fn storage(&self) -> Arc<dyn SessionStorage> {
                use rocket_typed_session::storage::sql::$storage;
                let builder = $storage::connect(&self.url).expect("an address").table(&self.table);
                Arc::new(builder.build().expect("a storage"))
            }

            async fn dump(&self) -> Vec<u8> {
                let mut connection = self.connection().await;
                let mut dump = columns!(&mut connection, &self.table);
                dump.extend(columns!(&mut connection, format!("{}_keys", self.table)));
                dump
            }

            async fn held(&self) -> Option<u64> {
                count!(&mut self.connection().await, &self.table)
            }

            async fn plan(&self, statement: String) -> Vec<String> {
                $plan(&mut self.connection().await, statement).await
            }
        }
    };
}

#[cfg(feature = "postgres")]
table! {
    /// A table of PostgreSQL.
    PostgresTable, PostgresStorage, PgConnection, "SESSION_TEST_POSTGRES", postgres_plan
}

#[cfg(feature = "mysql")]
table! {
    /// A table of MariaDB.
    MariadbTable, MysqlStorage, MySqlConnection, "SESSION_TEST_MYSQL", mariadb_plan
}

/// Returns the plan of a table that is long.
#[cfg(feature = "postgres")]
async fn postgres_plan(connection: &mut sqlx::PgConnection, statement: String) -> Vec<String> {
    sqlx::raw_sql("SET enable_seqscan = off").execute(&mut *connection).await.expect("a setting");
    sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN {statement}"))).fetch_all(connection).await.expect("a plan")
}

/// Returns how each table is read, and by which index.
#[cfg(feature = "mysql")]
async fn mariadb_plan(connection: &mut sqlx::MySqlConnection, statement: String) -> Vec<String> {
    // MySQL 9 has another format by default.
    let explain = AssertSqlSafe(format!("EXPLAIN FORMAT=TRADITIONAL {statement}"));
    let rows = sqlx::query(explain).fetch_all(connection).await.expect("a plan");
    let text = |row: &sqlx::mysql::MySqlRow, name| row.get::<Option<String>, _>(name).unwrap_or_default();
    rows.iter().map(|row| format!("{} {}", text(row, "type"), text(row, "key"))).collect()
}
