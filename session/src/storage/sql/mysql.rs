//! MariaDB and MySQL.

use std::sync::Arc;

use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{Arguments as _, Error, MySqlPool};

use super::SqlBuilder;
use super::codec::Codec;
use super::dialect::{Conn, ConnectOptions, Dialect, Row, Words, arguments, driver};
use super::paths::{Functions, entry_path, path};
use super::plain::Plain;
use super::statement::{Draft, Param, Syntax};

/// Sessions in MariaDB or MySQL.
pub type MysqlStorage = super::SqlStorage<Mysql>;

/// MariaDB and MySQL, as a database of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Mysql;

impl MysqlStorage {
    /// Returns a storage that connects by itself, with these options, to be set up.
    pub fn connect_with(options: MySqlConnectOptions) -> SqlBuilder<Mysql> {
        SqlBuilder::with_options(options)
    }

    /// Returns a storage that takes its connections from a pool, to be set up.
    ///
    /// The pool decides how long is waited for a connection, and asks the database after each use, and before it
    /// unless `test_before_acquire(false)` is set, whether it is alive; each costs a round trip.
    pub fn from_pool(pool: MySqlPool) -> SqlBuilder<Mysql> {
        SqlBuilder::with_pool(pool)
    }
}

const FUNCTIONS: Functions = Functions {
    set: "JSON_SET",
    remove: "JSON_REMOVE",
    json: ("JSON_EXTRACT(", ", '$')"),
    integer: ("CAST(JSON_EXTRACT(data, ", ") AS SIGNED)"),
    greatest: "GREATEST",
    least: "LEAST",
};

/// Why the connections of a pool are of no use.
const UNCOMMITTED: &str = "the connections of the pool commit nothing by themselves: have its `after_connect` do \
     `SET autocommit = 1`";

arguments!(MySqlArguments);

impl Dialect for Mysql {
    driver!(sqlx::MySql);

    const SYNTAX: Syntax = Syntax {
        quote: '`',
        numbered: false,
        data: "s.data",
        json: "$",
        lock: " FOR UPDATE",
        skip: " FOR UPDATE SKIP LOCKED",
    };
    const CODEC: Codec = Codec { paths: true, parses: true };
    const ONE_WRITER: bool = false;
    const WORDS: Words = Words {
        begin: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
        lock: Some("SELECT m.value FROM {meta} m WHERE m.name = $3 FOR UPDATE"),
        // Not from a `SELECT`, which would lock the counter of ids until its end.
        insert: "INSERT INTO {sessions} (token_hash, tag, own, version, identified, newborn, rotation_due, created_at, \
                 seen_at, authenticated_at, renewed_at, expires_at, deadline, ttl, ip, agent, data, epoch) VALUES \
                 (CASE WHEN EXISTS (SELECT 1 FROM {keys} k WHERE k.token_hash = $2) THEN NULL ELSE $2 END, $3, $4, $5, \
                 $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, {json:18}, {epoch})",
        insert_key: "REPLACE INTO {keys} \
                     (token_hash, tag, kind, session, target, issued_at, grace, ends_at, session_epoch) \
                     VALUES ($2, $3, $4, $5, $6, $7, $8, $9, \
                     (SELECT s.epoch FROM {sessions} s WHERE s.id IN ($5, $6)))",
        sweep_epoch: "DELETE FROM {sessions} WHERE epoch < {epoch} LIMIT 500",
        sweep_keys: "DELETE FROM {keys} WHERE ends_at <= $1 LIMIT 500",
        script: include_str!("../../../sql/mysql.sql"),
        lock_setup: Some("SELECT GET_LOCK('rocket_typed_session.setup', 10)"),
        unlock_setup: Some("SELECT RELEASE_LOCK('rocket_typed_session.setup')"),
        transactional_setup: false,
    };

    fn options(url: &str) -> Result<ConnectOptions<Self>, Error> {
        match url.strip_prefix("mariadb://") {
            Some(rest) => format!("mysql://{rest}").parse(),
            None => url.parse(),
        }
    }

    async fn opened(connection: &mut Conn<Self>) -> Result<(), Error> {
        // Otherwise statements lock the gaps beside the rows that they look at, and wait for each other more often; and what
        // is acknowledged is committed, whatever the server has by default.
        let settings = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION autocommit = 1";
        Self::batch(connection, Arc::from(settings)).await
    }

    async fn check(connection: &mut Conn<Self>) -> Result<(), Error> {
        let rows = Self::rows(connection, &Arc::from("SELECT @@autocommit"), &[]).await?;
        match rows.first().map(|row| Self::int(row, 0)).transpose()? {
            Some(Some(0)) => Err(Error::Configuration(UNCOMMITTED.into())),
            _ => Ok(()),
        }
    }

    fn patch(draft: &mut Draft, plain: &Plain) {
        FUNCTIONS.patch(draft, plain);
    }

    fn conditions(draft: &mut Draft, plain: &Plain) {
        for (name, text) in &plain.same {
            draft.push(" AND CAST(JSON_EXTRACT(data, ").bind(path(name)).push(") AS CHAR) = BINARY CAST(JSON_EXTRACT(");
            draft.bind(Param::Text(text.clone())).push(", '$') AS CHAR)");
        }
        for (name, _) in &plain.add {
            // Eighteen digits fit, whatever they are.
            draft.push(" AND CAST(JSON_EXTRACT(data, ").bind(path(name)).push(") AS CHAR) REGEXP '^-?[0-9]{1,18}$'");
        }
        for (name, _) in &plain.entries {
            draft.push(" AND JSON_TYPE(JSON_EXTRACT(data, ").bind(path(name)).push(")) = 'OBJECT'");
            draft.push(" AND JSON_EXTRACT(data, ").bind(entry_path(name, "$text")).push(") IS NULL");
        }
    }

    fn is_of_no_table(error: &(dyn DatabaseError + 'static)) -> bool {
        error.code().as_deref() == Some("42S02")
    }

    fn is_taken(error: &(dyn DatabaseError + 'static)) -> bool {
        // A duplicate, or no key because it is in use otherwise.
        error.code().as_deref() == Some("23000")
    }

    fn is_outdated(error: &(dyn DatabaseError + 'static)) -> bool {
        // The server only reads: by its option, by its mode, or in this transaction.
        error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| matches!(error.number(), 1290 | 1836 | 1792))
    }

    fn is_repeatable(code: &str) -> bool {
        // Of the whole class, only a deadlock: 1213.
        code == "40001"
    }
}
