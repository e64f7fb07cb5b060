//! Commits and touches by one statement.

use std::sync::Arc;

use super::dialect::Dialect;
use super::plain::Plain;
use super::row;
use super::statement::{Draft, Param};
use super::statements::Statements;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{MetaPatch, Patch, Seen};
use crate::token::Key;

/// A statement that changes one living session, if its conditions hold.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) text: Arc<str>,
    pub(super) params: Vec<Param>,
}

impl Update {
    /// Returns the statement that applies a patch to the session of its current key, if there can be one.
    pub(super) fn commit<D: Dialect>(
        statements: &Statements,
        key: &Key,
        patch: &Patch,
        now: Now,
    ) -> Result<Option<Self>, StorageError> {
        if patch.meta.handle.is_some_and(|handle| handle.tag() != key.tag()) {
            return Err(StorageError::Unsupported("a session of another identity needs another key"));
        }
        let plain = Plain::new(patch.fields()?, D::CODEC);
        Ok(plain.map(|plain| Self::new::<D>(statements, key, &patch.meta, Some(&plain), now)))
    }

    /// Returns the statement that writes down a use of a session's current key.
    pub(super) fn touch<D: Dialect>(statements: &Statements, key: &Key, seen: &Seen, now: Now) -> Self {
        let meta = MetaPatch { seen: Some(seen.clone()), ..MetaPatch::default() };
        Self::new::<D>(statements, key, &meta, None, now)
    }

    fn new<D: Dialect>(statements: &Statements, key: &Key, meta: &MetaPatch, plain: Option<&Plain>, now: Now) -> Self {
        let mut draft = Draft::new(&statements.update, D::SYNTAX);
        if let Some(plain) = plain {
            draft.push("version = version + 1, ");
            if !plain.is_empty() {
                draft.push("data = ");
                D::patch(&mut draft, plain);
                draft.push(", ");
            }
        }
        write_meta(&mut draft, meta);
        draft.push(" WHERE token_hash = ").bind(row::hash(key));
        draft.push(" AND tag = ").bind(row::tag(key.tag()));
        draft.push(" AND expires_at > ").bind(row::time(now));
        draft.push(&statements.lives);
        if let Some(plain) = plain {
            D::conditions(&mut draft, plain);
        }
        Self { text: draft.text.into(), params: draft.params }
    }
}

/// Writes what [`MetaPatch::apply`] does. MySQL assigns from left to right, and each assignment sees those before it:
/// `seen_at`, which others look at, comes last.
pub(super) fn write_meta(draft: &mut Draft, meta: &MetaPatch) {
    write_newborn(draft, meta);
    write_expiry(draft, meta);
    if let Some(identified) = meta.identified {
        draft.push(", identified = ").bind(Param::Flag(identified));
    }
    if let Some(due) = meta.rotation_due {
        draft.push(", rotation_due = ").bind(Param::Flag(due));
    }
    for (column, time) in [("authenticated_at", meta.authenticated_at), ("renewed_at", meta.renewed_at)] {
        if let Some(time) = time {
            draft.push(", ").push(column).push(" = ").bind(row::time(time));
        }
    }
    if let Some(deadline) = meta.deadline {
        draft.push(", deadline = ");
        write_unless_own(draft, meta, |draft| write_deadline(draft, Some(deadline)));
    }
    if let Some(ttl) = meta.ttl {
        draft.push(", ttl = ").bind(Param::Int(row::millis(ttl)));
    }
    if let Some(handle) = meta.handle {
        draft.push(", own = ").bind(row::own(handle));
    }
    if let Some(seen) = &meta.seen {
        if let Some(client) = seen.client.as_deref() {
            for (column, value) in [("ip", row::ip(client)), ("agent", row::agent(client))] {
                draft.push(", ").push(column).push(" = CASE WHEN seen_at <= ").bind(row::time(seen.at));
                draft.push(" THEN ").bind(value).push(" ELSE ").push(column).push(" END");
            }
        }
        draft.push(", seen_at = CASE WHEN seen_at <= ").bind(row::time(seen.at));
        draft.push(" THEN ").bind(row::time(seen.at)).push(" ELSE seen_at END");
    }
}

/// Writes the expiry, which is never after the deadline, unless it stays: SQLite writes its index anew for any value.
fn write_expiry(draft: &mut Draft, meta: &MetaPatch) {
    if meta.expires_at.is_none() && meta.seen.is_none() && meta.deadline.is_none() {
        return;
    }
    draft.push(", expires_at = ");
    match (meta.expires_at, &meta.seen) {
        (Some(expires_at), _) => {
            write_unless_own(draft, meta, |draft| write_earlier(draft, expires_at, meta.deadline));
        }
        (None, Some(seen)) => {
            draft.push("CASE WHEN seen_at <= ").bind(row::time(seen.at)).push(" THEN ");
            write_used(draft, seen, meta);
            draft.push(" ELSE ");
            write_kept(draft, meta.deadline);
            draft.push(" END");
        }
        (None, None) => write_kept(draft, meta.deadline),
    }
}

/// Writes a time, but that of the end which follows from a lifetime of the session's own where the patch says so.
fn write_unless_own(draft: &mut Draft, meta: &MetaPatch, write: impl FnOnce(&mut Draft)) {
    let Some(proved) = meta.proved_anew().map(row::instant) else { return write(draft) };
    draft.push("CASE WHEN ttl IS NULL THEN ");
    write(draft);
    draft.push(" WHEN ttl > ").bind(Param::Int(i64::MAX - proved)).push(" THEN ").bind(Param::Int(i64::MAX));
    draft.push(" ELSE ttl + ").bind(Param::Int(proved)).push(" END");
}

/// Writes the expiry that a use brings. What is added to the lifetime is less than the deadline, so the sum is none that
/// the database has no room for.
fn write_used(draft: &mut Draft, seen: &Seen, meta: &MetaPatch) {
    if meta.ttl.is_some() {
        return write_earlier(draft, seen.expiry(meta.ttl), meta.deadline);
    }
    let known = row::millis(seen.expires_at.since(seen.at));
    draft.push("CASE WHEN ttl > ").bind(Param::Int(known)).push(" THEN CASE WHEN ");
    write_deadline(draft, meta.deadline);
    draft.push(" - ttl < ").bind(row::time(seen.at)).push(" THEN ");
    write_deadline(draft, meta.deadline);
    draft.push(" ELSE ttl + ").bind(row::time(seen.at)).push(" END ELSE ");
    write_earlier(draft, seen.expires_at, meta.deadline);
    draft.push(" END");
}

fn write_deadline(draft: &mut Draft, deadline: Option<Timestamp>) {
    match deadline {
        Some(deadline) => draft.bind(row::time(deadline)),
        None => draft.push("deadline"),
    };
}

/// Writes the earlier of an expiry and the deadline.
fn write_earlier(draft: &mut Draft, expires_at: Timestamp, deadline: Option<Timestamp>) {
    if let Some(deadline) = deadline {
        draft.bind(row::time(expires_at.min(deadline)));
    } else {
        draft.push("CASE WHEN deadline < ").bind(row::time(expires_at)).push(" THEN deadline ELSE ");
        draft.bind(row::time(expires_at)).push(" END");
    }
}

/// Writes the earlier of the expiry that there is and the deadline.
fn write_kept(draft: &mut Draft, deadline: Option<Timestamp>) {
    match deadline {
        Some(deadline) => {
            draft.push("CASE WHEN expires_at > ").bind(row::time(deadline)).push(" THEN ");
            draft.bind(row::time(deadline)).push(" ELSE expires_at END")
        }
        None => draft.push("expires_at"),
    };
}

/// Writes whether nobody came back yet, also if it stays: a statement needs an assignment to begin with.
fn write_newborn(draft: &mut Draft, meta: &MetaPatch) {
    draft.push("newborn = newborn AND NOT identified");
    if meta.identified == Some(true) {
        draft.push(" AND FALSE");
    }
    if let Some(seen) = &meta.seen {
        draft.push(" AND NOT (seen_at <= ").bind(row::time(seen.at)).push(")");
    }
}
