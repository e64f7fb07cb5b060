//! The statements that are the same in every database. The first parameter is always the time.

use std::sync::Arc;

use super::at_once::AtOnce;
use super::dialect::{Dialect, Words};
use super::row;
use super::statement::{Param, Statement, Tables};
use super::sweep::BATCH;
use super::together::Load;
use crate::clock::Now;
use crate::token::Key;

const LOAD: &str = "SELECT {columns} FROM {sessions} s WHERE s.token_hash = $2 AND s.tag = $3 AND {alive}";

/// What a key leads to, whatever kind of key it is: the session, and the kind.
const LEAD: &str = "SELECT {columns}, 0 AS kind FROM {sessions} s WHERE s.token_hash = $2 AND s.tag = $3 AND {alive} \
     UNION ALL SELECT {columns}, k.kind FROM {keys} k LEFT JOIN {sessions} s ON s.id = k.session AND {alive} \
     WHERE k.token_hash = $2 AND k.tag = $3 AND (k.ends_at IS NULL OR k.ends_at > $1) \
     AND k.session_epoch = {epoch}";

const HOLD: &str = "SELECT {columns} FROM {sessions} s WHERE s.token_hash = $2 AND s.tag = $3 AND {alive}{lock}";

const HOLD_ID: &str = "SELECT {columns}, s.token_hash FROM {sessions} s WHERE s.id = $2 AND {alive}{lock}";

const KEY: &str = "SELECT k.kind, k.session, k.target, k.grace FROM {keys} k \
     WHERE k.token_hash = $2 AND k.tag = $3 AND (k.ends_at IS NULL OR k.ends_at > $1) \
     AND k.session_epoch = {epoch}";

const PENDING: &str = "SELECT k.token_hash, k.tag, k.issued_at FROM {keys} k WHERE k.session = $2 AND k.kind = 1";

const STORE: &str = "UPDATE {sessions} SET token_hash = $3, tag = $4, own = $5, version = $6, identified = $7, \
     newborn = $8, rotation_due = $9, created_at = $10, seen_at = $11, authenticated_at = $12, renewed_at = $13, \
     expires_at = $14, deadline = $15, ttl = $16, ip = $17, agent = $18, data = {json:19} WHERE id = $2";

/// The session of an id is replaced by a new one.
const REPLACE: &str = "UPDATE {sessions} SET token_hash = $3, tag = $4, own = $5, version = $6, identified = $7, \
     newborn = $8, rotation_due = $9, created_at = $10, seen_at = $11, authenticated_at = $12, renewed_at = $13, \
     expires_at = $14, deadline = $15, ttl = $16, ip = $17, agent = $18, data = {json:19}, epoch = {epoch} \
     WHERE id = $2";

const DELETE: &str = "DELETE FROM {sessions} WHERE token_hash = $2 AND tag = $3 AND {alive}";

const DELETE_ID: &str = "DELETE FROM {sessions} WHERE id = $2";

/// As many sessions as a sweep frees at a time.
const DELETE_IDS: &str = "DELETE FROM {sessions} WHERE id IN ({ids})";

const DELETE_DEAD: &str = "DELETE FROM {sessions} WHERE token_hash = $2 AND NOT ({alive})";

const DELETE_KEY: &str = "DELETE FROM {keys} WHERE token_hash = $2";

const DELETE_DEAD_KEY: &str = "DELETE FROM {keys} WHERE token_hash = $2 AND (ends_at <= $1 OR session_epoch <> {epoch} \
     OR (session IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {sessions} s WHERE s.id = session AND {alive})))";

/// All other keys of a session become markers, of the kind `$3`. Those whose time is over do, too, since by another clock
/// it may not be; it gets no longer.
const DEPART: &str = "UPDATE {keys} SET kind = $3, target = session, session = NULL, \
     ends_at = CASE WHEN ends_at <= $1 THEN ends_at ELSE $4 END WHERE session = $2";

const MARK: &str = "UPDATE {keys} SET kind = $3, target = session, session = NULL, ends_at = $4 WHERE token_hash = $2";

/// The markers of a session are followed by an end no more.
const UNFOLLOW: &str = "UPDATE {keys} SET kind = 4 WHERE target = $2 AND kind = 3";

const LIST: &str = "SELECT {columns} FROM {sessions} s WHERE s.tag = $2 AND s.identified AND {alive} \
     ORDER BY s.seen_at DESC, s.created_at DESC";

const FIND: &str = "SELECT {columns}, s.token_hash FROM {sessions} s WHERE s.tag = $2 AND s.own = $3 AND {alive}";

const DELETE_HANDLE: &str = "DELETE FROM {sessions} WHERE tag = $2 AND own = $3 AND {alive}";

const DELETE_ANY_HANDLE: &str = "DELETE FROM {sessions} WHERE tag = $2 AND own = $3";

const DELETE_ALL: &str = "DELETE FROM {sessions} WHERE tag = $2 AND identified AND own <> $3 AND {alive}";

const DELETE_ALL_DEAD: &str = "DELETE FROM {sessions} WHERE tag = $2 AND identified AND own <> $3 AND NOT ({alive})";

const COUNT: &str = "SELECT COUNT(*) FROM {sessions} s WHERE s.tag = $2 AND s.identified AND {alive}";

/// The other sessions of an identity, the one seen longest ago first.
const OTHERS: &str = "SELECT s.id, s.own FROM {sessions} s \
     WHERE s.tag = $2 AND s.identified AND s.own <> $3 AND {alive} ORDER BY s.seen_at, s.created_at, s.own{lock}";

/// Sessions that expired before `$1`, in the minute `$2` or before.
const EXPIRED: &str = "SELECT {columns} FROM {sessions} s \
     WHERE s.epoch = {epoch} AND s.expires_minute <= $2 AND s.expires_at <= $1 \
     ORDER BY s.expires_minute LIMIT {batch}{skip}";

const EVERYONE: &str = "UPDATE {meta} SET value = value + 1 WHERE name = 'epoch'";

const VERSION: &str = "SELECT m.value FROM {meta} m WHERE m.name = 'version'";

/// Where the dynamic statement of a commit begins.
const UPDATE: &str = "UPDATE {sessions} SET ";

const WHERE: &str = " AND epoch = {epoch}";

/// The statements of one storage.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: Statement,
    /// The texts of several loads, where they are carried out together.
    pub(super) loads: Vec<Arc<str>>,
    pub(super) lead: Statement,
    pub(super) hold: Statement,
    pub(super) hold_id: Statement,
    pub(super) key: Statement,
    pub(super) pending: Statement,
    pub(super) store: Statement,
    pub(super) replace: Statement,
    pub(super) insert: Statement,
    pub(super) insert_key: Statement,
    pub(super) delete: Statement,
    pub(super) delete_id: Statement,
    pub(super) delete_ids: Statement,
    pub(super) delete_dead: Statement,
    pub(super) delete_key: Statement,
    pub(super) delete_dead_key: Statement,
    pub(super) depart: Statement,
    pub(super) mark: Statement,
    pub(super) unfollow: Statement,
    pub(super) list: Statement,
    pub(super) find: Statement,
    pub(super) delete_handle: Statement,
    pub(super) delete_any_handle: Statement,
    pub(super) delete_all: Statement,
    pub(super) delete_all_dead: Statement,
    pub(super) count: Statement,
    pub(super) others: Statement,
    pub(super) everyone: Statement,
    pub(super) version: Statement,
    pub(super) lock: Option<Statement>,
    pub(super) sweep_epoch: Statement,
    pub(super) expired: Statement,
    pub(super) sweep_keys: Statement,
    pub(super) update: String,
    pub(super) lives: String,
    pub(super) at_once: Option<AtOnce>,
}

impl Statements {
    pub(super) fn new<D: Dialect>(tables: &Tables) -> Self {
        let Words { lock, insert, insert_key, sweep_epoch, sweep_keys, .. } = D::WORDS;
        let statement = |template: &str| tables.statement(template);
        let ids = (2..BATCH + 2).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let load = statement(LOAD);
        Self {
            loads: if D::ONE_WRITER { Load::texts(&load.text) } else { Vec::new() },
            load,
            lead: statement(LEAD),
            hold: statement(HOLD),
            hold_id: statement(HOLD_ID),
            key: statement(KEY),
            pending: statement(PENDING),
            store: statement(STORE),
            replace: statement(REPLACE),
            insert: statement(insert),
            insert_key: statement(insert_key),
            delete: statement(DELETE),
            delete_id: statement(DELETE_ID),
            delete_ids: statement(&DELETE_IDS.replace("{ids}", &ids)),
            delete_dead: statement(DELETE_DEAD),
            delete_key: statement(DELETE_KEY),
            delete_dead_key: statement(DELETE_DEAD_KEY),
            depart: statement(DEPART),
            mark: statement(MARK),
            unfollow: statement(UNFOLLOW),
            list: statement(LIST),
            find: statement(FIND),
            delete_handle: statement(DELETE_HANDLE),
            delete_any_handle: statement(DELETE_ANY_HANDLE),
            delete_all: statement(DELETE_ALL),
            delete_all_dead: statement(DELETE_ALL_DEAD),
            count: statement(COUNT),
            others: statement(OTHERS),
            everyone: statement(EVERYONE),
            version: statement(VERSION),
            lock: lock.map(statement),
            sweep_epoch: statement(sweep_epoch),
            expired: statement(&EXPIRED.replace("{batch}", &BATCH.to_string())),
            sweep_keys: statement(sweep_keys),
            update: tables.fill(UPDATE),
            lives: tables.fill(WHERE),
            at_once: D::AT_ONCE.then(|| AtOnce {
                begin: tables.fill(AtOnce::BEGIN),
                old: tables.fill(AtOnce::OLD),
                turn: tables.fill(AtOnce::TURN),
                unfollow: tables.fill(AtOnce::UNFOLLOW),
                mark: tables.fill(AtOnce::MARK),
                epoch: tables.fill(AtOnce::EPOCH),
            }),
        }
    }

    /// Returns the parameters of a load.
    pub(super) fn load_params(&self, key: &Key, now: Now) -> Vec<Param> {
        self.load.params(vec![row::time(now), row::hash(key), row::tag(key.tag())])
    }
}
