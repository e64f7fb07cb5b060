//! Loads that wait for a connection, carried out by one statement.

use std::sync::Arc;

use sqlx::Error;

use super::super::connections::{Connections, attempt};
use super::super::dialect::{Dialect, Row};
use super::super::error::{failed, is_repeatable};
use super::super::row::{self, Stored};
use super::super::work::{Done, Work};
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::together::{Errand, Outcomes, Waiting, Way};
use crate::token::Key;

/// What looks for the session of its current key.
pub(in super::super) struct Load {
    pub(in super::super) key: Key,
    pub(in super::super) now: Now,
}

type Found = Option<Arc<Record>>;

impl Load {
    /// Returns the texts that carry out more than one at once, from two to as many as a group has. Each returns one row:
    /// who waits for it is woken once.
    pub(in super::super) fn texts(one: &str) -> Vec<Arc<str>> {
        let text = |count| format!("SELECT * FROM (SELECT 0){}", format!(" LEFT JOIN ({one})").repeat(count));
        (2..=Self::MOST).map(|count| text(count).into()).collect()
    }
}

impl Errand for Load {
    type Outcome = Found;

    const MOST: usize = 8;
}

impl<D: Dialect> Way<Load> for Connections<D> {
    async fn together(&self, group: &[Waiting<Load>]) -> Result<Option<Outcomes<Load>>, StorageError> {
        attempt!(self, Read, Timestamp::default(), work => work.loads(group))
    }

    async fn alone(&self, load: &Load) -> Result<Found, StorageError> {
        attempt!(self, Read, load.now, work => work.current(&load.key))
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Returns the sessions of current keys, or [`None`] if the statement failed.
    async fn loads(&mut self, group: &[Waiting<Load>]) -> Done<Option<Outcomes<Load>>> {
        if group.iter().all(Waiting::is_given_up) {
            return Ok(Some(Vec::new()));
        }
        if let [Waiting { errand: Load { key, now }, .. }] = group {
            self.now = *now;
            return Ok(Some(vec![Ok(self.current(key).await?)]));
        }
        let Some(text) = self.statements.loads.get(group.len() - 2) else { return Ok(None) };
        let params = |Waiting { errand, .. }: &Waiting<Load>| self.statements.load_params(&errand.key, errand.now);
        let params: Vec<_> = group.iter().flat_map(params).collect();
        let row = match D::row(self.lease, text, &params).await {
            Err(error) if matches!(error, Error::Database(_)) && !is_repeatable::<D>(&error) => return Ok(None),
            row => row?,
        };
        Ok(row.map(|row| (0..group.len()).map(|place| found::<D>(&row, place).map_err(failed)).collect()))
    }
}

/// Returns the session at a place of a row, after the column that is there if no session is.
fn found<D: Dialect>(row: &Row<D>, place: usize) -> Result<Found, Error> {
    Ok(Stored::read::<D>(row, 1 + place * row::NEXT)?.map(|stored| Arc::new(stored.record)))
}
