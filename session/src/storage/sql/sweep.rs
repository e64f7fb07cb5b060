//! Freeing what expired.

use std::iter::repeat_n;
use std::sync::Arc;

use rocket::async_trait;

use super::connections::attempt;
use super::dialect::Dialect;
use super::row::{self, required};
use super::statement::{Param, Statement};
use super::storage::SqlStorage;
use super::work::{Done, Work};
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::{SWEPT_AFTER, Sweep, Swept};

/// How many sessions are freed at a time, all of whose data is read.
pub(super) const BATCH: usize = 32;

/// How many rows that nobody reads any more are freed at a time; the statements say it, too.
const UNREAD: u64 = 500;

#[async_trait]
impl<D: super::Database> Sweep for SqlStorage<D> {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        let lateness = u64::try_from(SWEPT_AFTER.as_millis()).unwrap_or(u64::MAX);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(lateness));
        let swept = attempt!(self.connections, Write, limit, work => work.free_expired())?;
        if swept.more {
            // What else there is comes later: if it failed, nobody would be told of these.
            return Ok(swept);
        }
        let statements = &self.connections.statements;
        for unread in [&statements.sweep_epoch, &statements.sweep_keys] {
            if attempt!(self.connections, Write, limit, work => work.free(unread))? >= UNREAD {
                return Ok(Swept::new(Vec::new(), true));
            }
        }
        Ok(swept)
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Frees sessions that everybody's end ended, or keys.
    async fn free(&mut self, unread: &Statement) -> Done<u64> {
        Ok(self.run(unread, []).await?)
    }

    /// Frees sessions that expired. There is more unless there were none.
    async fn free_expired(&mut self) -> Done<Swept> {
        self.begin().await?;
        let minute = i64::try_from(self.now.as_millis() / 60_000).unwrap_or(i64::MAX);
        let rows = self.rows(&self.statements.expired, [Param::Int(minute)]).await?;
        let ids = rows.iter().map(|row| required(D::int(row, 0)?)).collect::<Result<Vec<_>, _>>()?;
        if let Some(last) = ids.last() {
            // One text, however many they are: connections keep few.
            let padding = repeat_n(*last, BATCH - ids.len());
            let padded: Vec<Param> = ids.iter().copied().chain(padding).map(Param::Int).collect();
            self.run(&self.statements.delete_ids, padded).await?;
        }
        self.end().await?;
        let expired: Vec<Arc<Record>> =
            rows.iter().filter_map(|row| row::readable::<D>(row).ok()).map(Arc::new).collect();
        Ok(Swept::new(expired, !rows.is_empty()))
    }
}
