//! Freeing what expired.

use std::sync::Arc;

use rocket::async_trait;

use super::dialect::Dialect;
use super::row::{Stored, required};
use super::statement::{Draft, Param, Statement};
use super::storage::{SqlStorage, attempt};
use super::work::{Done, Work};
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::storage::{SWEPT_AFTER, Sweep, Swept};

/// How many sessions are freed at a time, all of whose data is read; the statement says it, too.
const BATCH: usize = 100;

/// How many rows that nobody reads any more are freed at a time; the statements say it, too.
const UNREAD: u64 = 500;

#[async_trait]
impl<D: super::Database> Sweep for SqlStorage<D> {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        let lateness = u64::try_from(SWEPT_AFTER.as_millis()).unwrap_or(u64::MAX);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(lateness));
        let mut more = false;
        for unread in [&self.statements.sweep_epoch, &self.statements.sweep_keys] {
            more |= attempt!(self, Write, limit, work => work.free(unread))? >= UNREAD;
        }
        // Last, since what is freed here is told only if nothing fails.
        let swept = attempt!(self, Write, limit, work => work.free_expired())?;
        Ok(Swept { more: more || swept.more, ..swept })
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Frees sessions that everybody's end ended, or keys.
    async fn free(&mut self, unread: &Statement) -> Done<u64> {
        Ok(self.run(unread, []).await?)
    }

    async fn free_expired(&mut self) -> Done<Swept> {
        self.begin().await?;
        let minute = i64::try_from(self.now.as_millis() / 60_000).unwrap_or(i64::MAX);
        let rows = self.rows(&self.statements.expired, [Param::Int(minute)]).await?;
        let mut free = Draft::new(&self.statements.free, D::SYNTAX);
        for (place, row) in rows.iter().enumerate() {
            let id = required(D::int(row, 0)?)?;
            free.push(if place == 0 { "" } else { ", " }).bind(Param::Int(id));
        }
        if !rows.is_empty() {
            free.push(")");
            self.draft(free).await?;
        }
        self.end().await?;
        // What can not be read is freed all the same.
        let stored = rows.iter().filter_map(|row| Stored::read::<D>(row).ok().flatten());
        Ok(Swept { expired: stored.map(|stored| Arc::new(stored.record)).collect(), more: rows.len() >= BATCH })
    }
}
