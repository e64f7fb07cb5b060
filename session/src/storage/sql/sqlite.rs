//! SQLite.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Arguments as _, ConnectOptions as _, Error, SqlitePool};

use super::SqlBuilder;
use super::codec::Codec;
use super::dialect::{Conn, ConnectOptions, Dialect, Row, Words, arguments, driver};
use super::paths::{Functions, path};
use super::plain::Plain;
use super::statement::{Draft, Param, Syntax};

/// Sessions in a SQLite file: many readers, and one writer for whom the others wait in line.
pub type SqliteStorage = super::SqlStorage<Sqlite>;

/// SQLite, as a database of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Sqlite;

impl SqliteStorage {
    /// Returns a storage that connects by itself, with these options as they are, to be set up.
    ///
    /// They should name WAL as the journal mode, foreign keys, and a busy timeout; those of an address do.
    pub fn connect_with(options: SqliteConnectOptions) -> SqlBuilder<Sqlite> {
        SqlBuilder::with_options(options)
    }

    /// Returns a storage that takes its connections from a pool, to be set up.
    ///
    /// The pool's connections should use WAL, foreign keys and a busy timeout. One of them at a time writes sessions;
    /// who writes through the same pool elsewhere should do so in short transactions that begin with
    /// `BEGIN IMMEDIATE`.
    pub fn from_pool(pool: SqlitePool) -> SqlBuilder<Sqlite> {
        SqlBuilder::with_pool(pool)
    }
}

const FUNCTIONS: Functions = Functions {
    set: "json_set",
    remove: "json_remove",
    json: ("json(", ")"),
    integer: ("(data ->> ", ")"),
    greatest: "max",
    least: "min",
};

arguments!(SqliteArguments);

impl Dialect for Sqlite {
    driver!(sqlx::Sqlite);

    const SYNTAX: Syntax = Syntax { quote: '"', numbered: false, data: "s.data", json: "json($)", lock: "", skip: "" };
    const CODEC: Codec = Codec { paths: true, parses: false };
    const ONE_WRITER: bool = true;
    const WORDS: Words = Words {
        begin: "BEGIN IMMEDIATE",
        lock: None,
        insert: "INSERT INTO {sessions} (token_hash, tag, own, version, identified, newborn, rotation_due, created_at, \
                 seen_at, authenticated_at, renewed_at, expires_at, deadline, ttl, ip, agent, data, epoch) \
                 SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, {json:18}, {epoch} \
                 WHERE NOT EXISTS (SELECT 1 FROM {keys} k WHERE k.token_hash = $2) ON CONFLICT (token_hash) DO NOTHING",
        insert_key: "INSERT OR REPLACE INTO {keys} \
                     (token_hash, tag, kind, session, target, issued_at, grace, ends_at, session_epoch) \
                     VALUES ($2, $3, $4, $5, $6, $7, $8, $9, \
                     (SELECT s.epoch FROM {sessions} s WHERE s.id IN ($5, $6)))",
        sweep_epoch: "DELETE FROM {sessions} WHERE id IN (SELECT s.id FROM {sessions} s WHERE s.epoch < {epoch} \
                      ORDER BY s.epoch, s.expires_minute LIMIT 500) AND epoch < {epoch}",
        sweep_keys: "DELETE FROM {keys} WHERE token_hash IN (SELECT k.token_hash FROM {keys} k WHERE k.ends_at <= $1 \
                     LIMIT 500) AND ends_at <= $1",
        script: include_str!("../../../sql/sqlite.sql"),
        lock_setup: None,
        unlock_setup: None,
        transactional_setup: true,
    };

    fn options(url: &str) -> Result<ConnectOptions<Self>, Error> {
        let options: SqliteConnectOptions = url.parse()?;
        Ok(options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_millis(1500))
            .foreign_keys(true)
            .optimize_on_close(true, Some(400)))
    }

    fn is_private(options: &ConnectOptions<Self>) -> bool {
        let file = options.get_filename().to_string_lossy();
        matches!(file.strip_prefix("file:").unwrap_or(&file), "" | ":memory:") || is_in_memory(options)
    }

    async fn opened(_connection: &mut Conn<Self>) -> Result<(), Error> {
        Ok(())
    }

    fn patch(draft: &mut Draft, plain: &Plain) {
        FUNCTIONS.patch(draft, plain);
    }

    fn conditions(draft: &mut Draft, plain: &Plain) {
        for (name, text) in &plain.same {
            draft.push(" AND data -> ").bind(path(name)).push(" = ").bind(Param::Text(text.clone()));
        }
        for (name, _) in &plain.add {
            draft.push(" AND typeof(data ->> ").bind(path(name)).push(") = 'integer'");
            draft.push(" AND json_type(data, ").bind(path(name)).push(") = 'integer'");
        }
        for (name, _) in &plain.entries {
            draft.push(" AND json_type(data, ").bind(path(name)).push(") = 'object'");
        }
    }

    fn is_of_no_table(error: &(dyn DatabaseError + 'static)) -> bool {
        // It has no code of its own.
        error.message().starts_with("no such table")
    }

    fn is_repeatable(code: &str) -> bool {
        // SQLITE_BUSY, and its kinds: the file was locked all the time by another process.
        code.parse::<i32>().is_ok_and(|code| code & 0xff == 5)
    }
}

/// Returns the folder that an address names, if its file can not be made since that is not there.
pub(crate) fn missing_folder(url: &str) -> Option<PathBuf> {
    let options = Sqlite::options(url).ok()?;
    let file = options.get_filename();
    // What these mean by a path only SQLite knows.
    let is_strange = file.to_string_lossy().starts_with("file:") || url.contains("vfs=");
    if is_strange || Sqlite::is_private(&options) {
        return None;
    }
    let folder = std::path::absolute(file).ok()?.parent()?.to_owned();
    (!folder.is_dir()).then_some(folder)
}

/// Returns whether options say that the file, whatever its name, is none.
fn is_in_memory(options: &SqliteConnectOptions) -> bool {
    // Only their address shows it, of which not every file can be part.
    let address = options.clone().filename("file").to_url_lossy();
    address.query_pairs().any(|(key, value)| matches!((&*key, &*value), ("mode", "memory") | ("vfs", "memdb")))
}
