//! What waits while a bounded number of groups is on the way.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::tokio::spawn;

use super::{Errand, Outcome, Waiting, Way, answer, outcome};

/// Errands of one kind: those that wait, and those that are on their way.
pub(crate) struct Line<W, E: Errand> {
    way: Arc<W>,
    queue: Mutex<Queue<E>>,
}

struct Queue<E: Errand> {
    waiting: VecDeque<Waiting<E>>,
    /// Says whether two can be in one group.
    alike: fn(&E, &E) -> bool,
    /// How many groups may be on their way.
    most: usize,
    /// How many work it off.
    attendants: usize,
    /// How many of them are on their way.
    busy: usize,
}

impl<W: Way<E>, E: Errand> Line<W, E> {
    /// Returns an empty line, of which at most `most` groups of errands that are alike are on their way.
    pub(crate) fn new(way: Arc<W>, most: usize, alike: fn(&E, &E) -> bool) -> Arc<Self> {
        Arc::new(Self { way, queue: Mutex::new(Queue::new(most, alike)) })
    }

    /// Carries out an errand. It may be carried out though nobody waits for that any more.
    pub(crate) async fn carry_out(self: &Arc<Self>, errand: E) -> Outcome<E> {
        let (waiting, answered) = Waiting::new(errand);
        if self.queue.lock().push(waiting) {
            spawn(Attendant { line: self.clone(), stage: Stage::Coming }.attend());
        }
        outcome(answered, &*self.way).await
    }
}

impl<E: Errand> Queue<E> {
    fn new(most: usize, alike: fn(&E, &E) -> bool) -> Self {
        Self { waiting: VecDeque::new(), alike, most, attendants: 0, busy: 0 }
    }

    /// Puts an errand at the end. Returns whether one more attends to the queue.
    fn push(&mut self, waiting: Waiting<E>) -> bool {
        self.waiting.push_back(waiting);
        let free = self.attendants < self.most;
        self.attendants += usize::from(free);
        free
    }

    /// Takes the first errand that somebody waits for, with those that are like it: as many as leave some to the others
    /// who may come for them now. Who finds none leaves.
    fn take(&mut self) -> Option<Vec<Waiting<E>>> {
        let waiting = std::mem::take(&mut self.waiting);
        let share = waiting.len().div_ceil((self.most - self.busy).max(1)).min(E::MOST);
        let mut group: Vec<Waiting<E>> = Vec::with_capacity(share);
        for one in waiting.into_iter().filter(|one| !one.is_given_up()) {
            if group.len() < share && group.first().is_none_or(|first| (self.alike)(&first.errand, &one.errand)) {
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
        while let Some(group) = self.take() {
            answer(group, &*self.line.way).await;
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
