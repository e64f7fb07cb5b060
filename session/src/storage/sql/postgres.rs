//! PostgreSQL.

use std::sync::Arc;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgConnectOptions};
use sqlx::{Arguments as _, Error, PgPool};

use super::SqlBuilder;
use super::codec::Codec;
use super::dialect::{Conn, ConnectOptions, Dialect, Row, Words, arguments, driver};
use super::plain::{Changes, Plain, write_sum};
use super::statement::{Draft, Param, Syntax};

/// Sessions in PostgreSQL.
pub type PostgresStorage = super::SqlStorage<Postgres>;

/// PostgreSQL, as a database of sessions.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

impl PostgresStorage {
    /// Returns a storage that connects by itself, with these options, to be set up.
    pub fn connect_with(options: PgConnectOptions) -> SqlBuilder<Postgres> {
        SqlBuilder::with_options(options)
    }

    /// Returns a storage that takes its connections from a pool, to be set up.
    ///
    /// The pool decides how long is waited for a connection, and asks the database after each use, and before it
    /// unless `test_before_acquire(false)` is set, whether it is alive; each costs a round trip.
    pub fn from_pool(pool: PgPool) -> SqlBuilder<Postgres> {
        SqlBuilder::with_pool(pool)
    }
}

arguments!(PgArguments);

impl Dialect for Postgres {
    driver!(sqlx::Postgres);

    const SYNTAX: Syntax = Syntax {
        quote: '"',
        numbered: true,
        data: "s.data::text",
        json: "$::jsonb",
        lock: " FOR UPDATE OF s",
        skip: " FOR UPDATE OF s SKIP LOCKED",
    };
    const CODEC: Codec = Codec { paths: false, parses: true };
    const ONE_WRITER: bool = false;
    const AT_ONCE: bool = true;
    const WORDS: Words = Words {
        begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
        lock: Some("SELECT pg_advisory_xact_lock($2)"),
        insert: "INSERT INTO {sessions} (token_hash, tag, own, version, identified, newborn, rotation_due, created_at, \
                 seen_at, authenticated_at, renewed_at, expires_at, deadline, ttl, ip, agent, data, epoch) \
                 SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, {json:18}, {epoch} \
                 WHERE NOT EXISTS (SELECT 1 FROM {keys} k WHERE k.token_hash = $2) ON CONFLICT (token_hash) DO NOTHING",
        insert_key: "INSERT INTO {keys} \
                     (token_hash, tag, kind, session, target, issued_at, grace, ends_at, session_epoch) \
                     VALUES ($2, $3, $4, $5, $6, $7, $8, $9, \
                     (SELECT s.epoch FROM {sessions} s WHERE s.id IN ($5, $6))) ON CONFLICT (token_hash) DO UPDATE SET \
                     tag = excluded.tag, kind = excluded.kind, session = excluded.session, target = excluded.target, \
                     issued_at = excluded.issued_at, grace = excluded.grace, ends_at = excluded.ends_at, \
                     session_epoch = excluded.session_epoch",
        sweep_epoch: "DELETE FROM {sessions} WHERE id IN (SELECT s.id FROM {sessions} s WHERE s.epoch < {epoch} \
                      ORDER BY s.epoch, s.expires_minute LIMIT 500 FOR UPDATE SKIP LOCKED) AND epoch < {epoch}",
        sweep_keys: "DELETE FROM {keys} WHERE token_hash IN (SELECT k.token_hash FROM {keys} k WHERE k.ends_at <= $1 \
                     LIMIT 500 FOR UPDATE SKIP LOCKED) AND ends_at <= $1",
        script: include_str!("../../../sql/postgres.sql"),
        lock_setup: Some("SELECT pg_advisory_xact_lock(8317987319222330741)"),
        unlock_setup: None,
        transactional_setup: true,
    };

    fn options(url: &str) -> Result<ConnectOptions<Self>, Error> {
        let options: PgConnectOptions = url.parse()?;
        // No statement has a float, and poolers refuse what they do not know.
        Ok(options.application_name("sessions").extra_float_digits(None))
    }

    async fn opened(_connection: &mut Conn<Self>) -> Result<(), Error> {
        Ok(())
    }

    fn patch(draft: &mut Draft, plain: &Plain) {
        draft.push(if plain.remove.is_empty() { "data" } else { "(data" });
        for name in &plain.remove {
            draft.push(" - ").bind(name_of(name)).push("::text");
        }
        draft.push(if plain.remove.is_empty() { "" } else { ")" });
        for (name, text) in &plain.set {
            draft.push(" || jsonb_build_object(").bind(name_of(name)).push("::text, ");
            draft.bind(Param::Text(text.clone())).push("::jsonb)");
        }
        for (name, changes) in &plain.entries {
            write_entries(draft, name, changes);
        }
        for (name, addition) in &plain.add {
            let value = |draft: &mut Draft| {
                draft.push("(data ->> ").bind(name_of(name)).push("::text)::bigint");
            };
            draft.push(" || jsonb_build_object(").bind(name_of(name)).push("::text, ");
            write_sum(draft, value, addition, ("greatest", "least"));
            draft.push(")");
        }
    }

    fn conditions(draft: &mut Draft, plain: &Plain) {
        for (name, text) in &plain.same {
            draft.push(" AND data -> ").bind(name_of(name)).push("::text = ");
            draft.bind(Param::Text(text.clone())).push("::jsonb");
        }
        for (name, _) in &plain.add {
            draft.push(" AND jsonb_typeof(data -> ").bind(name_of(name)).push("::text) = 'number'");
            // Eighteen digits fit, whatever they are.
            draft.push(" AND data ->> ").bind(name_of(name)).push("::text ~ '^-?[0-9]{1,18}$'");
        }
        for (name, _) in &plain.entries {
            draft.push(" AND jsonb_typeof(data -> ").bind(name_of(name)).push("::text) = 'object'");
            draft.push(" AND NOT jsonb_exists(data -> ").bind(name_of(name)).push("::text, '$text')");
        }
    }

    fn is_of_no_table(error: &(dyn DatabaseError + 'static)) -> bool {
        error.code().as_deref() == Some("42P01")
    }

    fn is_outdated(error: &(dyn DatabaseError + 'static)) -> bool {
        // A standby writes nothing; a plan whose result is another since the table was changed; a statement that a pooler
        // has dropped.
        matches!(error.code().as_deref(), Some("25006" | "0A000" | "26000"))
    }

    fn is_repeatable(code: &str) -> bool {
        matches!(code, "40001" | "40P01")
    }
}

fn name_of(name: &str) -> Param {
    Param::Text(name.into())
}

fn write_entries(draft: &mut Draft, name: &str, changes: &Changes) {
    draft.push(" || jsonb_build_object(").bind(name_of(name)).push("::text, ((data -> ");
    draft.bind(name_of(name)).push("::text)");
    for (key, _) in changes.iter().filter(|(_, text)| text.is_none()) {
        draft.push(" - ").bind(name_of(key)).push("::text");
    }
    draft.push(")");
    for (key, text) in changes {
        if let Some(text) = text {
            draft.push(" || jsonb_build_object(").bind(name_of(key)).push("::text, ");
            draft.bind(Param::Text(text.clone())).push("::jsonb)");
        }
    }
    draft.push(")");
}
