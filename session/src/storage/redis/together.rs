//! Loads and changes of several requests, sent as one.
//!
//! The client sends each script by itself, and the server looks each up: what the requests of one turn of the runtime
//! ask for leaves together; the script keeps what fails of one from the others. In a Cluster it would go different ways.

use std::sync::Arc;

use fred::types::Value;

use super::client::Connections;
use super::error::unintelligible;
use super::pack::Pack;
use super::script::{COMMIT, COMMITS, LOAD};
use crate::error::StorageError;
use crate::storage::together::{Errand, Outcome, Outcomes, Turn, Waiting, Way};

/// How many are sent as one at most: the server does nothing else meanwhile, and the next ones may come on their way.
const MOST: usize = 8;

/// What requests ask for at the same time.
pub(super) struct Together {
    pub(super) loads: Turn<Connections, Look>,
    pub(super) changes: Turn<Connections, Change>,
}

impl Together {
    pub(super) fn new(connections: &Arc<Connections>) -> Self {
        Self { loads: Turn::new(connections.clone()), changes: Turn::new(connections.clone()) }
    }
}

/// A look at a key and its index.
pub(super) struct Look {
    pub(super) slot: u16,
    pub(super) keys: [String; 2],
    /// The key of the epoch, where it is read along.
    pub(super) epoch: Option<String>,
}

/// A commit or a touch.
pub(super) struct Change {
    pub(super) slot: u16,
    pub(super) keys: Vec<String>,
    pub(super) args: Pack,
}

impl Errand for Look {
    /// What [`Sight::of`](super::load::Sight::of) reads.
    type Outcome = Value;

    const MOST: usize = MOST;
}

impl Errand for Change {
    /// What [`Answer::of`](super::call::Answer::of) reads.
    type Outcome = Value;

    const MOST: usize = MOST;
}

impl Connections {
    async fn looks<'l>(&self, looks: impl Iterator<Item = &'l Look> + Clone) -> Result<Vec<Value>, StorageError> {
        let Some(first) = looks.clone().next() else { return Ok(Vec::new()) };
        let keys = looks.flat_map(|look| &look.keys).chain(&first.epoch);
        let answer = self.run(&LOAD, first.slot, keys, Vec::new()).await?;
        Ok(answer.into_array())
    }
}

impl Way<Look> for Connections {
    async fn together(&self, group: &[Waiting<Look>]) -> Result<Option<Outcomes<Look>>, StorageError> {
        let answers = self.looks(group.iter().map(|waiting| &waiting.errand)).await?;
        complete(group, answers)
    }

    async fn alone(&self, look: &Look) -> Outcome<Look> {
        let answers = self.looks([look].into_iter()).await?;
        answers.into_iter().next().ok_or_else(too_few)
    }
}

impl Way<Change> for Connections {
    async fn together(&self, group: &[Waiting<Change>]) -> Result<Option<Outcomes<Change>>, StorageError> {
        if let [Waiting { errand, .. }] = group {
            return Ok(Some(vec![self.alone(errand).await]));
        }
        let Some(Waiting { errand: first, .. }) = group.first() else { return Ok(Some(Vec::new())) };
        let changes = group.iter().map(|waiting| &waiting.errand);
        let mut counts = Pack::default();
        for change in changes.clone() {
            counts.push_shown(change.keys.len());
        }
        let args = [&counts].into_iter().chain(changes.clone().map(|change| &change.args)).map(Pack::to_value);
        let keys = changes.flat_map(|change| &change.keys);
        let answer = self.run(&COMMITS, first.slot, keys, args.collect()).await?;
        complete(group, answer.into_array())
    }

    async fn alone(&self, change: &Change) -> Outcome<Change> {
        self.run(&COMMIT, change.slot, change.keys.iter(), vec![change.args.to_value()]).await
    }
}

/// Returns the answers to a group, if everybody has one.
fn complete<E: Errand<Outcome = Value>>(
    group: &[Waiting<E>],
    answers: Vec<Value>,
) -> Result<Option<Outcomes<E>>, StorageError> {
    if answers.len() != group.len() {
        return Err(too_few());
    }
    Ok(Some(answers.into_iter().map(Ok).collect()))
}

fn too_few() -> StorageError {
    unintelligible("too few answers")
}
