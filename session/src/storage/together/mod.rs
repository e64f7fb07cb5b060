//! Errands of many requests, carried out together.
//!
//! To send one on its way costs more than most answers. Everybody gets what he would have got alone: if a group fails
//! because of one, each is carried out by itself.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::futures::future::join_all;
use rocket::tokio::spawn;
use rocket::tokio::sync::oneshot;
use rocket::tokio::task::yield_now;

use crate::error::StorageError;

/// What can be carried out together with others of its kind.
pub(crate) trait Errand: Send + Sync + Sized + 'static {
    type Outcome: Send;

    /// How many a group has at most.
    const MOST: usize;

    /// Returns whether the two can be in one group.
    fn is_like(&self, other: &Self) -> bool;
}

/// What errands of a kind are carried out by.
pub(crate) trait Way<E: Errand>: Send + Sync + 'static {
    /// Carries out a group. [`None`] says that nothing was done, and that each may fail by itself.
    fn together(&self, group: &[Waiting<E>]) -> impl Future<Output = Result<Option<Outcomes<E>>, StorageError>> + Send;

    /// Carries out one by itself.
    fn alone(&self, errand: &E) -> impl Future<Output = Outcome<E>> + Send;
}

/// What becomes of an errand.
pub(crate) type Outcome<E> = Result<<E as Errand>::Outcome, StorageError>;

/// What becomes of a group.
pub(crate) type Outcomes<E> = Vec<Outcome<E>>;

/// An errand, and who waits for its outcome.
pub(crate) struct Waiting<E: Errand> {
    pub(crate) errand: E,
    answer: oneshot::Sender<Answer<E>>,
}

enum Answer<E: Errand> {
    Done(Outcome<E>),
    /// Nobody attends to the queue any more.
    HandedBack(E),
}

/// Errands of one kind: those that wait, and those that are on their way.
pub(crate) struct Line<W, E: Errand> {
    way: Arc<W>,
    queue: Mutex<Queue<E>>,
}

struct Queue<E: Errand> {
    waiting: VecDeque<Waiting<E>>,
    /// How many groups may be on their way, if not any number.
    most: Option<usize>,
    /// How many work it off.
    attendants: usize,
    /// How many of them are on their way.
    busy: usize,
}

impl<W: Way<E>, E: Errand> Line<W, E> {
    /// Returns an empty line. While `most` groups are on their way, what comes waits. Without such a bound what comes in
    /// one turn of the runtime leaves together, and waits for no other group.
    pub(crate) fn new(way: Arc<W>, most: Option<usize>) -> Arc<Self> {
        Arc::new(Self { way, queue: Mutex::new(Queue::new(most)) })
    }

    /// Carries out an errand. It may be carried out though nobody waits for that any more.
    pub(crate) async fn carry_out(self: &Arc<Self>, errand: E) -> Outcome<E> {
        let (answer, answered) = oneshot::channel();
        if self.queue.lock().push(Waiting { errand, answer }) {
            spawn(Attendant { line: self.clone(), stage: Stage::Coming }.attend());
        }
        match answered.await {
            Ok(Answer::Done(outcome)) => outcome,
            Ok(Answer::HandedBack(errand)) => Box::pin(self.way.alone(&errand)).await,
            Err(_) => Err(StorageError::unavailable("the runtime that carried it out has stopped")),
        }
    }

    /// Carries out a group, and answers everybody who waits for one of it.
    async fn answer(&self, group: Vec<Waiting<E>>) {
        match self.way.together(&group).await {
            Ok(Some(outcomes)) => {
                for (waiting, outcome) in group.into_iter().zip(outcomes) {
                    waiting.answer(outcome);
                }
            }
            Ok(None) => {
                for waiting in group.into_iter().filter(|waiting| !waiting.is_given_up()) {
                    let outcome = self.way.alone(&waiting.errand).await;
                    waiting.answer(outcome);
                }
            }
            Err(error) => group.into_iter().for_each(|waiting| waiting.answer(Err(error.clone()))),
        }
    }
}

impl<E: Errand> Waiting<E> {
    /// Returns whether nobody waits for it any more.
    pub(crate) fn is_given_up(&self) -> bool {
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
    fn new(most: Option<usize>) -> Self {
        Self { waiting: VecDeque::new(), most, attendants: 0, busy: 0 }
    }

    /// Puts an errand at the end. Returns whether one more attends to the queue.
    fn push(&mut self, waiting: Waiting<E>) -> bool {
        self.waiting.push_back(waiting);
        let free = self.attendants < self.most.unwrap_or(1);
        self.attendants += usize::from(free);
        free
    }

    /// Takes the first errand that somebody waits for, with those that are like it: as many as leave some to the others
    /// who may come for them now. Who finds none leaves.
    fn take(&mut self) -> Option<Vec<Waiting<E>>> {
        let waiting = std::mem::take(&mut self.waiting);
        let others = self.most.map_or(1, |most| (most - self.busy).max(1));
        let share = waiting.len().div_ceil(others).min(E::MOST);
        let mut group: Vec<Waiting<E>> = Vec::with_capacity(share.min(waiting.len()));
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
        Some(group)
    }
}

/// Who works a queue off. If its runtime stops, what is on its way fails, and what waits is left to the other attendants
/// or handed back.
struct Attendant<W: Way<E>, E: Errand> {
    line: Arc<Line<W, E>>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Coming,
    OnTheWay,
    Gone,
}

impl<W: Way<E>, E: Errand> Attendant<W, E> {
    async fn attend(mut self) {
        let bounded = self.line.queue.lock().most.is_some();
        if bounded {
            while let Some(group) = self.take() {
                self.line.answer(group).await;
            }
        } else {
            yield_now().await;
            let groups = self.take_all();
            join_all(groups.into_iter().map(|group| self.line.answer(group))).await;
        }
    }

    fn take(&mut self) -> Option<Vec<Waiting<E>>> {
        let mut queue = self.line.queue.lock();
        queue.busy -= usize::from(self.stage == Stage::OnTheWay);
        let group = queue.take();
        queue.busy += usize::from(group.is_some());
        self.stage = if group.is_some() { Stage::OnTheWay } else { Stage::Gone };
        group
    }

    fn take_all(&mut self) -> Vec<Vec<Waiting<E>>> {
        let mut queue = self.line.queue.lock();
        self.stage = Stage::Gone;
        std::iter::from_fn(|| queue.take()).collect()
    }
}

impl<W: Way<E>, E: Errand> Drop for Attendant<W, E> {
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
