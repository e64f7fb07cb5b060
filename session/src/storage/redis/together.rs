//! Loads and changes of several requests, sent as one.
//!
//! The client sends each script by itself, and the server looks each up: what the requests of one turn of the runtime
//! ask for leaves together; the script keeps what fails of one from the others. In a Cluster it would go different ways.

use std::sync::Arc;

use fred::bytes::Bytes;

use super::client::Connections;
use super::error::unintelligible;
use super::pack::{Pack, packed, unpack};
use super::script::{COMMIT, COMMITS, LOAD, Script};
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
    pub(super) keys: Pack,
    /// The key of the epoch, where the script reads it.
    pub(super) epoch: Option<Arc<str>>,
}

/// A commit or a touch; by itself, it may be any write.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) slot: u16,
    pub(super) keys: Pack,
    /// The key of the epoch, where the script reads it.
    pub(super) epoch: Option<Arc<str>>,
    pub(super) args: Pack,
}

impl Errand for Look {
    /// What [`Sight::of`](super::load::Sight::of) reads.
    type Outcome = Bytes;

    const MOST: usize = MOST;
}

impl Errand for Change {
    /// What [`Answer::of`](super::call::Answer::of) reads.
    type Outcome = Bytes;

    const MOST: usize = MOST;
}

impl Connections {
    /// Carries out what is no group.
    pub(super) async fn change(&self, script: &'static Script, change: Change) -> Outcome<Change> {
        let Change { slot, mut keys, epoch, args } = change;
        keys.push_if_any(epoch.as_deref());
        packed(self.run(script, slot, keys, Some(args.into_value())).await?)
    }

    async fn looks<'l>(&self, looks: impl Iterator<Item = &'l Look> + Clone) -> Result<Vec<Bytes>, StorageError> {
        let Some(first) = looks.clone().next() else { return Ok(Vec::new()) };
        let mut keys = Pack::default();
        looks.for_each(|look| keys.append(&look.keys));
        keys.push_if_any(first.epoch.as_deref());
        answers(&packed(self.run(&LOAD, first.slot, keys, None).await?)?)
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
        let (mut keys, mut calls) = (Pack::default(), Pack::default());
        for Waiting { errand, .. } in group {
            keys.append(&errand.keys);
            calls.push_shown(errand.keys.len());
            calls.push_list(&errand.args);
        }
        keys.push_if_any(first.epoch.as_deref());
        let answer = packed(self.run(&COMMITS, first.slot, keys, Some(calls.into_value())).await?)?;
        complete(group, answers(&answer)?)
    }

    async fn alone(&self, change: &Change) -> Outcome<Change> {
        self.change(&COMMIT, change.clone()).await
    }
}

/// Returns the answers to a group, if everybody has one.
fn complete<E: Errand<Outcome = Bytes>>(
    group: &[Waiting<E>],
    answers: Vec<Bytes>,
) -> Result<Option<Outcomes<E>>, StorageError> {
    if answers.len() != group.len() {
        return Err(too_few());
    }
    Ok(Some(answers.into_iter().map(Ok).collect()))
}

/// Returns what was answered to each.
fn answers(answer: &Bytes) -> Result<Vec<Bytes>, StorageError> {
    Ok(unpack(answer)?.into_iter().map(|text| answer.slice_ref(text)).collect())
}

fn too_few() -> StorageError {
    unintelligible("too few answers")
}
