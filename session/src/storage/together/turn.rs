//! What comes in one turn of the runtime leaves together, and waits for nothing else.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "they are tests")]
mod tests;

use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::Poll;

use parking_lot::Mutex;
use rocket::tokio::spawn;

use super::{Errand, Outcome, Waiting, Way, answer, outcome};

/// Errands of one kind that have not left yet.
pub(crate) struct Turn<W, E: Errand> {
    way: Arc<W>,
    waiting: Mutex<Vec<Waiting<E>>>,
}

impl<W: Way<E>, E: Errand> Turn<W, E> {
    pub(crate) fn new(way: Arc<W>) -> Self {
        Self { way, waiting: Mutex::default() }
    }

    /// Carries out an errand. It may be carried out though nobody waits for that any more.
    ///
    /// Whoever comes first after the turn sends on what is there then: nobody depends on another, who may have given up,
    /// be busy, or be on a runtime that stands still.
    pub(crate) async fn carry_out(&self, errand: E) -> Outcome<E> {
        let (waiting, answered) = Waiting::new(errand);
        self.waiting.lock().push(waiting);
        turn().await;
        self.leave();
        outcome(answered, &*self.way).await
    }

    fn leave(&self) {
        let mut waiting = mem::take(&mut *self.waiting.lock());
        waiting.retain(|one| !one.is_given_up());
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(E::MOST));
            let (way, departure) = (self.way.clone(), Departure(waiting));
            spawn(async move { answer(departure.begin(), &*way).await });
            waiting = rest;
        }
    }
}

/// Lets the others come first that are ready to run. To be woken at once puts the task at the end of a queue that idle
/// threads take from; `yield_now` would keep it from them until this thread has nothing else to do.
async fn turn() {
    let mut over = false;
    poll_fn(|context| {
        if mem::replace(&mut over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A group that is handed back if its runtime stops before it begins.
struct Departure<E: Errand>(Vec<Waiting<E>>);

impl<E: Errand> Departure<E> {
    fn begin(mut self) -> Vec<Waiting<E>> {
        mem::take(&mut self.0)
    }
}

impl<E: Errand> Drop for Departure<E> {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waiting::hand_back);
    }
}
