//! Updates that wait for the one writer, carried out in one transaction.
//!
//! Each transaction takes the locks of the file, writes pages to its log, and is handed over to the thread of the
//! connection and back. Those that wait meanwhile share one. Nobody is answered before it ends, and everybody gets what
//! he would have got alone: if an update fails, all are undone and each is carried out by itself.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::tokio::spawn;
use rocket::tokio::sync::oneshot;
use sqlx::Error;

use super::connections::{Connections, attempt};
use super::dialect::Dialect;
use super::error::failed;
use super::statement::Param;
use super::update::Update;
use super::work::{Done, Work};
use crate::clock::Timestamp;
use crate::error::StorageError;

/// How many updates one transaction has at most.
const MOST: usize = 16;

/// An update, and who waits for its outcome.
struct Waiting {
    update: Update,
    answer: oneshot::Sender<Result<bool, StorageError>>,
}

/// What waits to be written.
pub(super) struct Together<D: Dialect> {
    connections: Arc<Connections<D>>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Whether somebody works it off.
    attended: bool,
}

impl<D: Dialect> Together<D> {
    pub(super) fn new(connections: Arc<Connections<D>>) -> Arc<Self> {
        Arc::new(Self { connections, queue: Mutex::default() })
    }

    /// Changes a session. Returns whether it was found. It may be changed though nobody waits for that any more.
    pub(super) async fn update(self: &Arc<Self>, update: Update) -> Result<bool, StorageError> {
        let (answer, answered) = oneshot::channel();
        if self.queue.lock().push(Waiting { update, answer }) {
            spawn(Attendant { together: self.clone(), done: false }.attend());
        }
        answered.await.unwrap_or_else(|_| Err(failed(Error::WorkerCrashed)))
    }

    /// Carries out updates, and answers everybody who waits for one.
    async fn carry_out(&self, group: Vec<Waiting>) {
        match self.at_once(&group).await {
            Ok(Some(found)) => group.into_iter().zip(found).for_each(|(waiting, found)| waiting.answer(Ok(found))),
            Ok(None) => {
                for waiting in group {
                    let outcome = self.alone(&waiting.update).await;
                    waiting.answer(outcome);
                }
            }
            Err(error) => group.into_iter().for_each(|waiting| waiting.answer(Err(error.clone()))),
        }
    }

    async fn at_once(&self, group: &[Waiting]) -> Result<Option<Vec<bool>>, StorageError> {
        attempt!(self.connections, Write, Timestamp::default(), work => work.together(group))
    }

    async fn alone(&self, update: &Update) -> Result<bool, StorageError> {
        attempt!(self.connections, Write, Timestamp::default(), work => work.update(update))
    }
}

impl Waiting {
    /// Returns whether nobody waits for it any more.
    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    fn answer(self, outcome: Result<bool, StorageError>) {
        // Who does not wait any more has given up in time.
        let _ = self.answer.send(outcome);
    }
}

impl Queue {
    /// Puts an update at the end. Returns whether nobody attends to it.
    fn push(&mut self, waiting: Waiting) -> bool {
        self.waiting.push_back(waiting);
        !std::mem::replace(&mut self.attended, true)
    }

    /// Takes the first update that somebody waits for, with those that are written alike: few texts are prepared.
    fn take(&mut self) -> Vec<Waiting> {
        let mut group: Vec<Waiting> = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        for one in waiting.into_iter().filter(|one| !one.is_given_up()) {
            let alike = group.first().is_none_or(|first| first.update.text == one.update.text);
            if alike && group.len() < MOST {
                group.push(one);
            } else {
                self.waiting.push_back(one);
            }
        }
        self.attended = !group.is_empty();
        group
    }
}

/// Who works a queue off. If a runtime stops meanwhile, what waits fails, and the next update is attended to anew.
struct Attendant<D: Dialect> {
    together: Arc<Together<D>>,
    done: bool,
}

impl<D: Dialect> Attendant<D> {
    async fn attend(mut self) {
        loop {
            let group = self.together.queue.lock().take();
            if group.is_empty() {
                self.done = true;
                return;
            }
            self.together.carry_out(group).await;
        }
    }
}

impl<D: Dialect> Drop for Attendant<D> {
    fn drop(&mut self) {
        if !self.done {
            *self.together.queue.lock() = Queue::default();
        }
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    /// Carries out updates in one transaction, which is one text. Returns which sessions were found, or [`None`] if an
    /// update failed: then none is carried out.
    async fn together(&mut self, group: &[Waiting]) -> Done<Option<Vec<bool>>> {
        if group.iter().all(Waiting::is_given_up) {
            return Ok(Some(vec![false; group.len()]));
        }
        if let [waiting] = group {
            return Ok(Some(vec![self.update(&waiting.update).await?]));
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
        Ok(Some(counts.into_iter().skip(1).take(group.len()).map(|count| count > 0).collect()))
    }
}

fn transaction<D: Dialect>(group: &[Waiting]) -> (Arc<str>, Vec<Param>) {
    let mut text = String::from(D::WORDS.begin);
    let mut params = Vec::new();
    for Waiting { update, .. } in group {
        text.push_str("; ");
        text.push_str(&update.text);
        params.extend_from_slice(&update.params);
    }
    text.push_str("; COMMIT");
    (text.into(), params)
}
