//! What is done on one connection.

use std::sync::Arc;

use sqlx::Error;

use super::dialect::{Dialect, Row};
use super::pool::Lease;
use super::row::{self, Stored};
use super::statement::{Draft, Param, Statement};
use super::statements::Statements;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::{Loaded, MOVED_FOR, Via};
use crate::token::Key;

/// A session's key that is not its current one.
pub(super) mod kind {
    pub(in super::super) const PENDING: i64 = 1;
    pub(in super::super) const GRACE: i64 = 2;
    /// A marker that an end follows.
    pub(in super::super) const MOVED: i64 = 3;
    /// A marker that an end does not follow.
    pub(in super::super) const LEFT: i64 = 4;
}

/// Why work on a connection ended.
#[derive(Debug)]
pub(super) enum Failure {
    Database(Error),
    Storage(StorageError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

pub(super) type Done<R> = Result<R, Failure>;

/// One operation at one time on one connection.
pub(super) struct Work<'w, 'p, D: Dialect> {
    pub(super) lease: &'w mut Lease<'p, D>,
    pub(super) statements: &'w Statements,
    pub(super) now: Now,
}

/// A session that nobody else changes until the transaction ends.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: i64,
    /// Its current key.
    pub(super) key: Key,
    pub(super) stored: Stored,
    pub(super) via: Via,
    /// How long the current key stays good, if the pending one was presented.
    grace: i64,
}

/// What a key leads to, held.
#[derive(Debug)]
pub(super) enum Lead {
    Live(Box<Held>),
    Moved { target: Option<i64>, followed: bool },
    Nothing,
}

impl<D: Dialect> Work<'_, '_, D> {
    fn params(&self, statement: &Statement, params: impl IntoIterator<Item = Param>) -> Vec<Param> {
        statement.params([row::time(self.now)].into_iter().chain(params).collect())
    }

    pub(super) async fn run(
        &mut self,
        statement: &Statement,
        params: impl IntoIterator<Item = Param> + Send,
    ) -> Result<u64, Error> {
        let params = self.params(statement, params);
        D::run(self.lease, &statement.text, &params).await
    }

    pub(super) async fn rows(
        &mut self,
        statement: &Statement,
        params: impl IntoIterator<Item = Param> + Send,
    ) -> Result<Vec<Row<D>>, Error> {
        let params = self.params(statement, params);
        D::rows(self.lease, &statement.text, &params).await
    }

    pub(super) async fn draft(&mut self, draft: Draft) -> Result<u64, Error> {
        D::run(self.lease, &draft.text.into(), &draft.params).await
    }

    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.lease.begun = true;
        D::batch(self.lease, Arc::from(D::WORDS.begin)).await
    }

    pub(super) async fn end(&mut self) -> Result<(), Error> {
        D::batch(self.lease, Arc::from("COMMIT")).await?;
        self.lease.begun = false;
        Ok(())
    }

    /// Returns what a key leads to, by one statement for the current key of a session, else by two.
    pub(super) async fn load(&mut self, key: &Key) -> Done<Loaded> {
        if let Some(record) = self.current(key).await? {
            return Ok(Loaded::Live { record, via: Via::Current });
        }
        // Apart, because it is large and rarely needed.
        Box::pin(self.look(key)).await
    }

    /// Returns the session that a key is the current one of.
    pub(super) async fn current(&mut self, key: &Key) -> Done<Option<Arc<Record>>> {
        let params = self.statements.load_params(key, self.now);
        let row = D::row(self.lease, &self.statements.load.text, &params).await?;
        Ok(stored::<D>(row.as_slice())?.map(|stored| Arc::new(stored.record)))
    }

    /// Returns what a key leads to, whatever kind of key it is.
    pub(super) async fn look(&mut self, key: &Key) -> Done<Loaded> {
        let rows = self.rows(&self.statements.lead, [row::hash(key), row::tag(key.tag())]).await?;
        let mut found = Loaded::Absent;
        for row in &rows {
            let via = match D::int(row, row::NEXT)? {
                Some(0) => Via::Current,
                Some(kind::PENDING) => Via::Pending,
                Some(kind::GRACE) => Via::Grace,
                _ => {
                    found = Loaded::Moved;
                    continue;
                }
            };
            if let Some(stored) = Stored::read::<D>(row, 0)? {
                return Ok(Loaded::Live { record: Arc::new(stored.record), via });
            }
        }
        Ok(found)
    }

    /// Returns what a key leads to, and keeps others from changing it, in a transaction.
    pub(super) async fn hold(&mut self, key: &Key) -> Result<Lead, Error> {
        // A key goes from pending to current, and from there to grace or to a marker: who looks twice at both places
        // meets it.
        for _ in 0..2 {
            let rows = self.rows(&self.statements.hold, [row::hash(key), row::tag(key.tag())]).await?;
            if let Some(stored) = stored::<D>(&rows)? {
                let held = Held { id: stored.id, key: *key, stored, via: Via::Current, grace: 0 };
                return Ok(Lead::Live(Box::new(held)));
            }
            match self.hold_other(key).await? {
                Lead::Nothing => {}
                lead => return Ok(lead),
            }
        }
        Ok(Lead::Nothing)
    }

    async fn hold_other(&mut self, key: &Key) -> Result<Lead, Error> {
        let Some(entry) = self.entry(key).await? else { return Ok(Lead::Nothing) };
        let Some(id) = entry.session else { return Ok(entry.marker()) };
        let held = self.hold_id(id).await?;
        // Now that the session is held, its keys are, too.
        match (self.entry(key).await?, held) {
            (Some(entry), Some(mut held)) if entry.session == Some(id) => {
                held.via = if entry.kind == kind::PENDING { Via::Pending } else { Via::Grace };
                held.grace = entry.grace;
                Ok(Lead::Live(Box::new(held)))
            }
            (Some(entry), _) if entry.session.is_none() => Ok(entry.marker()),
            _ => Ok(Lead::Nothing),
        }
    }

    /// Holds the session of an id, if it lives.
    pub(super) async fn hold_id(&mut self, id: i64) -> Result<Option<Held>, Error> {
        let rows = self.rows(&self.statements.hold_id, [Param::Int(id)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(stored) = Stored::read::<D>(row, 0)? else { return Ok(None) };
        let key = row::key::<D>(row, row::NEXT, 1)?;
        Ok(Some(Held { id, key, stored, via: Via::Current, grace: 0 }))
    }

    /// Returns a key that is not the current one of a session.
    pub(super) async fn entry(&mut self, key: &Key) -> Result<Option<Entry>, Error> {
        let rows = self.rows(&self.statements.key, [row::hash(key), row::tag(key.tag())]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Entry {
            kind: row::required(D::int(row, 0)?)?,
            session: D::int(row, 1)?,
            target: D::int(row, 2)?,
            grace: D::int(row, 3)?.unwrap_or_default(),
        }))
    }

    /// Makes the pending key the current one, if it was presented.
    pub(super) async fn presented(&mut self, held: &mut Held, key: &Key) -> Result<(), Error> {
        if held.via != Via::Pending {
            return Ok(());
        }
        let until = self.now.after(std::time::Duration::from_millis(u64::try_from(held.grace).unwrap_or_default()));
        let old = std::mem::replace(&mut held.key, *key);
        self.run(&self.statements.delete_key, [row::hash(key)]).await?;
        self.name(&old, kind::GRACE, held.id, None, Some(until)).await
    }

    /// Puts another key beside the current one of a session, or a marker.
    pub(super) async fn name(
        &mut self,
        key: &Key,
        kind: i64,
        id: i64,
        grace: Option<i64>,
        until: Option<Timestamp>,
    ) -> Result<(), Error> {
        let marker = kind == kind::MOVED || kind == kind::LEFT;
        let params = [
            row::hash(key),
            row::tag(key.tag()),
            Param::Int(kind),
            Param::MaybeInt((!marker).then_some(id)),
            Param::MaybeInt(marker.then_some(id)),
            row::time(self.now),
            Param::MaybeInt(grace),
            until.map_or(Param::MaybeInt(None), row::time),
        ];
        self.run(&self.statements.insert_key, params).await.map(drop)
    }

    /// Turns every key of a session into a marker: the session is about to get another.
    pub(super) async fn depart(&mut self, held: &Held, followed: bool) -> Result<(), Error> {
        let kind = if followed { kind::MOVED } else { kind::LEFT };
        let until = self.now.after(MOVED_FOR);
        self.run(&self.statements.depart, [Param::Int(held.id), Param::Int(kind), row::time(until)]).await?;
        if !followed {
            self.run(&self.statements.unfollow, [Param::Int(held.id)]).await?;
        }
        self.name(&held.key, kind, held.id, None, Some(until)).await
    }
}

/// A key that is not the current one of a session.
pub(super) struct Entry {
    pub(super) kind: i64,
    session: Option<i64>,
    target: Option<i64>,
    grace: i64,
}

impl Entry {
    fn marker(&self) -> Lead {
        Lead::Moved { target: self.target, followed: self.kind == kind::MOVED }
    }
}

pub(super) fn stored<D: Dialect>(rows: &[Row<D>]) -> Result<Option<Stored>, Error> {
    rows.first().map_or(Ok(None), |row| Stored::read::<D>(row, 0))
}
