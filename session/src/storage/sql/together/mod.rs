//! What waits for a connection to a file, carried out together.
//!
//! Whatever is asked of a file is handed over to the thread of a connection and back, which costs more than most
//! answers. What comes while all are on their way waits, and shares the next. Everybody gets what he would have got
//! alone: if a group fails because of one, each is carried out by itself.

mod loads;
#[cfg(test)]
mod tests;
mod updates;

use std::collections::VecDeque;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use parking_lot::Mutex;
use rocket::tokio::spawn;
use rocket::tokio::sync::oneshot;
use sqlx::Error;

pub(super) use self::loads::Load;
use super::connections::Connections;
use super::dialect::Dialect;
use super::error::failed;
use super::update::Update;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::Record;
use crate::token::Key;

/// How many groups of loads may be on their way on however few processors.
const FEW: usize = 4;

/// The loads and updates of a file.
pub(super) struct Together<D: Dialect> {
    loads: Arc<Line<D, Load>>,
    updates: Arc<Line<D, Update>>,
}

impl<D: Dialect> Together<D> {
    pub(super) fn new(connections: &Arc<Connections<D>>) -> Self {
        // What is read is in memory, mostly: more threads than processors are no help. A few may wait for the disk.
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        let readers = connections.readers().min(processors.max(FEW));
        Self { loads: Line::new(connections.clone(), readers), updates: Line::new(connections.clone(), 1) }
    }

    /// Returns the session that a key is the current one of.
    pub(super) async fn load(&self, key: Key, now: Now) -> Result<Option<Arc<Record>>, StorageError> {
        self.loads.carry_out(Load { key, now }).await
    }

    /// Changes a session. Returns whether it was found.
    pub(super) async fn update(&self, update: Update) -> Result<bool, StorageError> {
        self.updates.carry_out(update).await
    }
}

/// What can be carried out together with others of its kind.
trait Errand: Send + Sync + Sized + 'static {
    type Outcome: Send;

    /// How many a group has at most.
    const MOST: usize;

    /// Returns whether two are written alike: few texts are prepared.
    fn is_like(&self, other: &Self) -> bool;

    /// Carries out a group on one connection. [`None`] says that nothing was done, and that each may fail by itself.
    fn together<D: Dialect>(
        group: &[Waiting<Self>],
        connections: &Connections<D>,
    ) -> impl Future<Output = Result<Option<Outcomes<Self>>, StorageError>> + Send;

    /// Carries out one by itself.
    fn alone<D: Dialect>(
        &self,
        connections: &Connections<D>,
    ) -> impl Future<Output = Result<Self::Outcome, StorageError>> + Send;
}

/// What becomes of an errand.
type Outcome<E> = Result<<E as Errand>::Outcome, StorageError>;

/// What becomes of a group.
type Outcomes<E> = Vec<Outcome<E>>;

/// An errand, and who waits for its outcome.
struct Waiting<E: Errand> {
    errand: E,
    answer: oneshot::Sender<Answer<E>>,
}

enum Answer<E: Errand> {
    Done(Outcome<E>),
    /// Nobody attends to the queue any more.
    HandedBack(E),
}

/// Errands of one kind: those that wait, and those that are on their way.
struct Line<D: Dialect, E: Errand> {
    connections: Arc<Connections<D>>,
    queue: Mutex<Queue<E>>,
}

struct Queue<E: Errand> {
    waiting: VecDeque<Waiting<E>>,
    /// How many groups may be on their way.
    most: usize,
    /// How many work it off.
    attendants: usize,
    /// How many of them are on their way.
    busy: usize,
}

impl<D: Dialect, E: Errand> Line<D, E> {
    fn new(connections: Arc<Connections<D>>, most: usize) -> Arc<Self> {
        Arc::new(Self { connections, queue: Mutex::new(Queue::new(most)) })
    }

    /// Carries out an errand. It may be carried out though nobody waits for that any more.
    async fn carry_out(self: &Arc<Self>, errand: E) -> Outcome<E> {
        let (answer, answered) = oneshot::channel();
        if self.queue.lock().push(Waiting { errand, answer }) {
            spawn(Attendant { line: self.clone(), stage: Stage::Coming }.attend());
        }
        match answered.await {
            Ok(Answer::Done(outcome)) => outcome,
            Ok(Answer::HandedBack(errand)) => Box::pin(errand.alone(&self.connections)).await,
            Err(_) => Err(failed(Error::WorkerCrashed)),
        }
    }

    /// Carries out a group, and answers everybody who waits for one of it.
    async fn answer(&self, group: Vec<Waiting<E>>) {
        match E::together(&group, &self.connections).await {
            Ok(Some(outcomes)) => {
                for (waiting, outcome) in group.into_iter().zip(outcomes) {
                    waiting.answer(outcome);
                }
            }
            Ok(None) => {
                for waiting in group.into_iter().filter(|waiting| !waiting.is_given_up()) {
                    let outcome = waiting.errand.alone(&self.connections).await;
                    waiting.answer(outcome);
                }
            }
            Err(error) => group.into_iter().for_each(|waiting| waiting.answer(Err(error.clone()))),
        }
    }
}

impl<E: Errand> Waiting<E> {
    /// Returns whether nobody waits for it any more.
    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    fn answer(self, outcome: Outcome<E>) {
        // Who does not wait any more has given up in time.
        let _ = self.answer.send(Answer::Done(outcome));
    }

    fn hand_back(self) {
        let _ = self.answer.send(Answer::HandedBack(self.errand));
    }
}

impl<E: Errand> Queue<E> {
    fn new(most: usize) -> Self {
        Self { waiting: VecDeque::new(), most, attendants: 0, busy: 0 }
    }

    /// Puts an errand at the end. Returns whether one more attends to the queue.
    fn push(&mut self, waiting: Waiting<E>) -> bool {
        self.waiting.push_back(waiting);
        let free = self.attendants < self.most;
        self.attendants += usize::from(free);
        free
    }

    /// Takes the first errand that somebody waits for, with those that are like it: as many as leave some to the others
    /// who may come for them now.
    fn take(&mut self) -> Option<Vec<Waiting<E>>> {
        let waiting = std::mem::take(&mut self.waiting);
        let share = waiting.len().div_ceil((self.most - self.busy).max(1)).min(E::MOST);
        let mut group: Vec<Waiting<E>> = Vec::with_capacity(share);
        for one in waiting.into_iter().filter(|one| !one.is_given_up()) {
            if group.len() < share && group.first().is_none_or(|first| first.errand.is_like(&one.errand)) {
                group.push(one);
            } else {
                self.waiting.push_back(one);
            }
        }
        if group.is_empty() {
            self.attendants -= 1;
            return None;
        }
        self.busy += 1;
        Some(group)
    }
}

/// Who works a queue off. If its runtime stops, what is on its way fails, and what waits is left to the other attendants
/// or handed back.
struct Attendant<D: Dialect, E: Errand> {
    line: Arc<Line<D, E>>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Coming,
    OnTheWay,
    Gone,
}

impl<D: Dialect, E: Errand> Attendant<D, E> {
    async fn attend(mut self) {
        while let Some(group) = self.take() {
            self.line.answer(group).await;
        }
    }

    fn take(&mut self) -> Option<Vec<Waiting<E>>> {
        let mut queue = self.line.queue.lock();
        queue.busy -= usize::from(self.stage == Stage::OnTheWay);
        let group = queue.take();
        self.stage = if group.is_some() { Stage::OnTheWay } else { Stage::Gone };
        group
    }
}

impl<D: Dialect, E: Errand> Drop for Attendant<D, E> {
    fn drop(&mut self) {
        if self.stage != Stage::Gone {
            let mut queue = self.line.queue.lock();
            queue.busy -= usize::from(self.stage == Stage::OnTheWay);
            queue.attendants -= 1;
            if queue.attendants == 0 {
                queue.waiting.drain(..).for_each(Waiting::hand_back);
            }
        }
    }
}
