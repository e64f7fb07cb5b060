//! Updates that wait for the one writer, carried out in one transaction.
//!
//! Each transaction takes the locks of the file and writes pages to its log. Nobody is answered before it ends: if an
//! update fails, all are undone.

use std::sync::Arc;

use sqlx::Error;

use super::super::connections::{Connections, attempt};
use super::super::dialect::Dialect;
use super::super::statement::Param;
use super::super::update::Update;
use super::super::work::{Done, Work};
use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::storage::together::{Errand, Outcomes, Waiting, Way};

impl Errand for Update {
    /// Whether the session was found.
    type Outcome = bool;

    const MOST: usize = 16;
}

impl<D: Dialect> Way<Update> for Connections<D> {
    async fn together(&self, group: &[Waiting<Update>]) -> Result<Option<Outcomes<Update>>, StorageError> {
        attempt!(self, Write, Timestamp::default(), work => work.updates(group))
    }

    async fn alone(&self, update: &Update) -> Result<bool, StorageError> {
        attempt!(self, Write, Timestamp::default(), work => work.update(update))
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Carries out updates in one transaction, which is one text. Returns which sessions were found, or [`None`] if an
    /// update failed: then none is carried out.
    async fn updates(&mut self, group: &[Waiting<Update>]) -> Done<Option<Outcomes<Update>>> {
        if group.iter().all(Waiting::is_given_up) {
            return Ok(Some(Vec::new()));
        }
        if let [waiting] = group {
            return Ok(Some(vec![Ok(self.update(&waiting.errand).await?)]));
        }
        let (text, params) = transaction::<D>(group);
        let mut counts = Vec::with_capacity(group.len() + 2);
        self.lease.begun = true;
        let done = D::each(self.lease, &text, &params, &mut counts).await;
        let updating = (1..=group.len()).contains(&counts.len());
        match done {
            Ok(()) => self.lease.begun = false,
            Err(Error::Database(_)) if updating => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        Ok(Some(counts.into_iter().skip(1).take(group.len()).map(|count| Ok(count > 0)).collect()))
    }
}

fn transaction<D: Dialect>(group: &[Waiting<Update>]) -> (Arc<str>, Vec<Param>) {
    let mut text = String::from(D::WORDS.begin);
    let mut params = Vec::new();
    for Waiting { errand, .. } in group {
        text.push_str("; ");
        text.push_str(&errand.text);
        params.extend_from_slice(&errand.params);
    }
    text.push_str("; COMMIT");
    (text.into(), params)
}
