//! Loads and changes of several requests, sent as one.
//!
//! The client sends each script by itself, and the server looks each up: what the requests of one turn of the runtime
//! ask for leaves together; the script keeps what fails of one from the others. In a Cluster it would go different ways.

use std::ptr;
use std::sync::{Arc, LazyLock};

use fred::bytes::Bytes;

use super::call::{Call, EpochSource};
use super::client::Connections;
use super::error::unintelligible;
use super::pack::{Pack, packed, unpack};
use super::script::{COMMIT, COMMITS, LOAD};
use crate::error::StorageError;
use crate::storage::together::{Errand, Outcome, Outcomes, Turn, Waiting, Way};

/// How many are sent as one at most: the server does nothing else meanwhile, and the next ones may come on their way.
const MOST: usize = 8;

/// The bytes that each needs beside its own keys or arguments, about.
const ROOM: usize = 64;

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

/// A call. Commits and touches may be of a group.
pub(super) struct Change {
    pub(super) slot: u16,
    pub(super) call: Arc<Call>,
    pub(super) epoch: EpochSource,
}

impl Change {
    pub(super) fn is_of_group(&self) -> bool {
        ptr::eq(self.call.script, LazyLock::force(&COMMIT))
    }
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
    async fn looks<'l>(&self, looks: impl Iterator<Item = &'l Look> + Clone) -> Result<Vec<Bytes>, StorageError> {
        let Some(first) = looks.clone().next() else { return Ok(Vec::new()) };
        let mut keys = Pack::with_room(looks.clone().map(|look| look.keys.size()).sum::<usize>() + ROOM);
        looks.for_each(|look| keys.append(&look.keys));
        if let Some(epoch) = &first.epoch {
            keys.push(epoch);
        }
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
        let calls = group.iter().map(|waiting| &*waiting.errand.call);
        let room = |pack: fn(&Call) -> &Pack| calls.clone().map(|call| pack(call).size() + ROOM).sum();
        let (mut keys, mut args) = (Pack::with_room(room(|call| &call.keys)), Pack::with_room(room(|call| &call.args)));
        for Waiting { errand: Change { call, epoch, .. }, .. } in group {
            keys.append(&call.keys);
            args.push_number(call.keys.len());
            args.push_list(|args| call.push_args(epoch, args));
        }
        first.epoch.push_key(&mut keys);
        let answer = packed(self.run(&COMMITS, first.slot, keys, Some(args.into_bytes())).await?)?;
        complete(group, answers(&answer)?)
    }

    async fn alone(&self, change: &Change) -> Outcome<Change> {
        let Change { slot, call, epoch } = change;
        let (mut keys, mut args) = (call.keys.clone(), Pack::default());
        epoch.push_key(&mut keys);
        call.push_args(epoch, &mut args);
        packed(self.run(call.script, *slot, keys, Some(args.into_bytes())).await?)
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
