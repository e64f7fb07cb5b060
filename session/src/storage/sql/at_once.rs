//! Rotations by one statement, where a database has such a statement.
//!
//! The session's row is changed, its other keys are turned into markers, and a marker is left under its key. What the
//! parts of such a statement see is as old as its beginning: a session that was changed since is left to a
//! transaction. The data is changed by the row's own `SET`, which sees the row as it is.

use super::dialect::Dialect;
use super::plain::Plain;
use super::row;
use super::statement::{Draft, Param};
use super::update::write_meta;
use super::work::{Done, Work};
use crate::error::StorageError;
use crate::record::{Patch, Record};
use crate::storage::{Commit, MOVED_FOR};
use crate::token::Key;

/// The columns of a record, after those of its key.
const COLUMNS: [&str; 15] = [
    "own",
    "version",
    "identified",
    "newborn",
    "rotation_due",
    "created_at",
    "seen_at",
    "authenticated_at",
    "renewed_at",
    "expires_at",
    "deadline",
    "ttl",
    "ip",
    "agent",
    "data",
];

/// The answer to a rotation that ended nobody else's session.
const ROTATED: Commit = Commit::Committed { rotated: true, evicted: Vec::new() };

/// The parts of the statement, filled in.
#[derive(Debug)]
pub(super) struct AtOnce {
    pub(super) begin: String,
    pub(super) old: String,
    pub(super) turn: String,
    pub(super) unfollow: String,
    pub(super) mark: String,
    pub(super) epoch: String,
}

impl AtOnce {
    pub(super) const BEGIN: &str = "WITH moved AS (UPDATE {sessions} s SET token_hash = ";
    pub(super) const OLD: &str = " FROM (SELECT o.id AS old_id, o.identified AS was_identified, o.version AS old_version \
                                  FROM {sessions} o WHERE o.token_hash = ";
    pub(super) const TURN: &str = "), turned AS (UPDATE {keys} SET target = session, session = NULL, kind = ";
    pub(super) const UNFOLLOW: &str =
        "), unfollowed AS (UPDATE {keys} SET kind = 4 FROM moved WHERE target = moved.id AND kind = 3 AND NOT ";
    pub(super) const MARK: &str = ") INSERT INTO {keys} \
         (token_hash, tag, kind, session, target, issued_at, grace, ends_at, session_epoch) SELECT ";
    pub(super) const EPOCH: &str = "{epoch}";
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Rotates by privilege, if one statement can. [`None`] says that nothing was done.
    pub(super) async fn privilege_at_once(&mut self, old: &Key, new: &Key, patch: &Patch) -> Done<Option<Commit>> {
        let plain = Plain::new(patch.fields().map_err(StorageError::from)?, D::CODEC);
        let (Some(parts), Some(plain), None) = (&self.statements.at_once, plain, patch.max_per_user) else {
            return Ok(None);
        };
        let mut draft = begin::<D>(parts, new);
        draft.push("version = version + 1, ");
        if !plain.is_empty() {
            draft.push("data = ");
            D::patch(&mut draft, &plain);
            draft.push(", ");
        }
        write_meta(&mut draft, &patch.meta);
        self.write_where(&mut draft, parts, old);
        D::conditions(&mut draft, &plain);
        self.write_markers(&mut draft, parts, old, patch.meta.identified == Some(true));
        Ok((self.draft(draft).await? > 0).then_some(ROTATED))
    }

    /// Replaces a session, if one statement can. [`None`] says that nothing was done.
    pub(super) async fn restart_at_once(&mut self, old: &Key, new: &Key, record: &Record) -> Done<Option<Commit>> {
        let capped = record.max_per_user.is_some() && record.meta.identified;
        let Some(parts) = self.statements.at_once.as_ref().filter(|_| !capped) else { return Ok(None) };
        let mut draft = begin::<D>(parts, new);
        let columns = row::columns(new, record, D::CODEC)?;
        for (column, param) in COLUMNS.into_iter().zip(columns.into_iter().skip(2)) {
            draft.push(column).push(" = ").bind(param);
            draft.push(if column == "data" { "::jsonb, epoch = " } else { ", " });
        }
        draft.push(&parts.epoch);
        self.write_where(&mut draft, parts, old);
        self.write_markers(&mut draft, parts, old, record.meta.identified);
        Ok((self.draft(draft).await? > 0).then_some(ROTATED))
    }

    fn write_where(&self, draft: &mut Draft, parts: &AtOnce, old: &Key) {
        draft.push(&parts.old).bind(row::hash(old)).push(") o WHERE old_id = id AND old_version = version");
        draft.push(" AND token_hash = ").bind(row::hash(old)).push(" AND tag = ").bind(row::tag(old.tag()));
        draft.push(" AND expires_at > ").bind(row::time(self.now)).push(&self.statements.lives);
    }

    /// Writes what becomes of the session's keys; an end follows them unless the session becomes somebody's.
    fn write_markers(&self, draft: &mut Draft, parts: &AtOnce, old: &Key, identified: bool) {
        let until = self.now.after(MOVED_FOR);
        let followed = if identified { "moved.was_identified" } else { "TRUE" };
        let kind = if identified { "CASE WHEN moved.was_identified THEN 3 ELSE 4 END" } else { "3" };
        draft.push(" RETURNING id, was_identified, epoch").push(&parts.turn).push(kind);
        draft.push(", ends_at = CASE WHEN ends_at <= ").bind(row::time(self.now)).push(" THEN ends_at ELSE ");
        draft.bind(row::time(until)).push(" END FROM moved WHERE session = moved.id");
        draft.push(&parts.unfollow).push(followed);
        draft.push(&parts.mark).bind(row::hash(old)).push(", ").bind(row::tag(old.tag())).push(", ").push(kind);
        draft.push(", NULL, moved.id, ").bind(row::time(self.now)).push(", NULL, ").bind(row::time(until));
        draft.push(", moved.epoch FROM moved ON CONFLICT (token_hash) DO UPDATE SET tag = excluded.tag, ");
        draft.push("kind = excluded.kind, session = NULL, target = excluded.target, ends_at = excluded.ends_at, ");
        draft.push("session_epoch = excluded.session_epoch");
    }
}

fn begin<D: Dialect>(parts: &AtOnce, new: &Key) -> Draft {
    let mut draft = Draft::new(&parts.begin, D::SYNTAX);
    draft.bind(row::hash(new)).push(", tag = ").bind(Param::Bytes(new.tag().as_bytes().to_vec())).push(", ");
    draft
}
