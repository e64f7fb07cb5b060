//! Freeing what expired.

use rocket::async_trait;
use rocket::tokio::task::yield_now;

use super::dialect::Dialect;
use super::statement::Param;
use super::storage::{SqlStorage, attempt};
use super::work::{Done, Work};
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::storage::{SWEPT_AFTER, Sweep};

/// How many rows one statement frees; the statements say it, too.
const BATCH: u64 = 500;

/// What is freed.
#[derive(Debug, Clone, Copy)]
enum Waste {
    Sessions,
    /// Sessions that began before everyone's were ended.
    Ended,
    Keys,
}

#[async_trait]
impl<D: super::Database> Sweep for SqlStorage<D> {
    async fn sweep(&self, now: Now) -> Result<u64, StorageError> {
        let lateness = u64::try_from(SWEPT_AFTER.as_millis()).unwrap_or(u64::MAX);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(lateness));
        let mut freed = 0;
        for waste in [Waste::Sessions, Waste::Ended, Waste::Keys] {
            loop {
                let batch: u64 = attempt!(self, Write, limit, work => work.free(waste))?;
                freed += if matches!(waste, Waste::Keys) { 0 } else { batch };
                if batch < BATCH {
                    break;
                }
                yield_now().await;
            }
        }
        Ok(freed)
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    async fn free(&mut self, waste: Waste) -> Done<u64> {
        let statement = match waste {
            Waste::Sessions => &self.statements.sweep_expired,
            Waste::Ended => &self.statements.sweep_epoch,
            Waste::Keys => &self.statements.sweep_keys,
        };
        let minute = i64::try_from(self.now.as_millis() / 60_000).unwrap_or(i64::MAX);
        Ok(self.run(statement, [Param::Int(minute)]).await?)
    }
}
