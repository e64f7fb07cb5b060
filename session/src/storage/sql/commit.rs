//! Commits and touches.

use super::dialect::Dialect;
use super::plain::Plain;
use super::row;
use super::statement::{Draft, Param};
use super::work::{Done, Failure, Lead, Work};
use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::record::{MetaPatch, Patch, PatchError, Record, Seen};
use crate::storage::{Commit, Loaded};
use crate::token::Key;

impl<D: Dialect> Work<'_, '_, D> {
    /// Applies a patch: by one statement if that can be, else in a transaction.
    pub(super) async fn commit(&mut self, key: &Key, patch: &Patch) -> Done<Commit> {
        if patch.meta.handle.is_some_and(|handle| handle.tag() != key.tag()) {
            return Err(StorageError::Unsupported("a session of another identity needs another key").into());
        }
        let plain = Plain::new(patch.fields().map_err(StorageError::from)?, D::CODEC);
        if let Some(plain) = plain {
            let draft = self.update(key, &patch.meta, Some(&plain));
            if self.draft(draft).await? > 0 {
                return Ok(Commit::DONE);
            }
        }
        match self.look(key).await? {
            Loaded::Absent => Ok(Commit::Gone),
            Loaded::Moved => Ok(Commit::Moved),
            Loaded::Live { .. } => self.commit_held(key, patch).await,
        }
    }

    async fn commit_held(&mut self, key: &Key, patch: &Patch) -> Done<Commit> {
        self.begin().await?;
        let answer = match self.hold(key).await? {
            Lead::Live(mut held) => match patched(patch, &held.stored.record)? {
                Ok(record) => {
                    self.presented(&mut held, key).await?;
                    self.store(held.id, &held.key, &record).await?;
                    Commit::DONE
                }
                Err(field) => Commit::Conflict(field),
            },
            Lead::Moved { .. } => Commit::Moved,
            Lead::Nothing => Commit::Gone,
        };
        self.end().await?;
        Ok(answer)
    }

    /// Writes down a use: by one statement if the key is the session's current one.
    pub(super) async fn touch(&mut self, key: &Key, seen: &Seen) -> Done<bool> {
        let meta = MetaPatch { seen: Some(seen.clone()), ..MetaPatch::default() };
        let draft = self.update(key, &meta, None);
        if self.draft(draft).await? > 0 {
            return Ok(true);
        }
        if !matches!(self.look(key).await?, Loaded::Live { .. }) {
            return Ok(false);
        }
        self.begin().await?;
        let lead = self.hold(key).await?;
        let lives = matches!(lead, Lead::Live(_));
        if let Lead::Live(mut held) = lead {
            self.presented(&mut held, key).await?;
            let mut record = held.stored.record;
            seen.apply(&mut record.meta);
            self.store(held.id, &held.key, &record).await?;
        }
        self.end().await?;
        Ok(lives)
    }

    /// Writes a held session.
    pub(super) async fn store(&mut self, id: i64, key: &Key, record: &Record) -> Done<()> {
        let columns = row::columns(key, record, D::CODEC)?;
        self.run(&self.statements.store, [Param::Int(id)].into_iter().chain(columns)).await?;
        Ok(())
    }

    /// Returns the statement that applies a patch to a living session, if its conditions hold; a touch has none.
    fn update(&self, key: &Key, meta: &MetaPatch, plain: Option<&Plain>) -> Draft {
        let mut draft = Draft::new(&self.statements.update, D::SYNTAX);
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
        draft.push(" AND expires_at > ").bind(row::time(self.now));
        draft.push(&self.statements.lives);
        if let Some(plain) = plain {
            D::conditions(&mut draft, plain);
        }
        draft
    }
}

/// Returns the record that comes of a patch, or the field that conflicts.
pub(super) fn patched(patch: &Patch, record: &Record) -> Result<Result<Record, String>, Failure> {
    match patch.apply(record) {
        Ok(record) => Ok(Ok(record)),
        Err(PatchError::Conflict(field)) => Ok(Err(field)),
        Err(PatchError::Encode(error)) => Err(StorageError::from(error).into()),
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
    let times =
        [("authenticated_at", meta.authenticated_at), ("renewed_at", meta.renewed_at), ("deadline", meta.deadline)];
    for (column, time) in times {
        if let Some(time) = time {
            draft.push(", ").push(column).push(" = ").bind(row::time(time));
        }
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
        (Some(expires_at), _) => write_earlier(draft, expires_at, meta.deadline),
        (None, Some(seen)) => {
            draft.push("CASE WHEN seen_at <= ").bind(row::time(seen.at)).push(" THEN ");
            write_earlier(draft, seen.expires_at, meta.deadline);
            draft.push(" ELSE ");
            write_kept(draft, meta.deadline);
            draft.push(" END");
        }
        (None, None) => write_kept(draft, meta.deadline),
    }
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
