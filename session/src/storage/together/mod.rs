//! Errands of many requests, carried out together.
//!
//! To send one on its way costs more than most answers. Everybody gets what he would have got alone.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod line;
#[cfg(feature = "redis")]
mod turn;

use std::future::Future;

use rocket::tokio::sync::oneshot::{self, Receiver, Sender};

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) use self::line::Line;
#[cfg(feature = "redis")]
pub(crate) use self::turn::Turn;
use crate::error::StorageError;

/// What can be carried out together with others of its kind.
pub(crate) trait Errand: Send + Sync + Sized + 'static {
    type Outcome: Send;

    /// How many a group has at most.
    const MOST: usize;
}

/// What errands of a kind are carried out by.
pub(crate) trait Way<E: Errand>: Send + Sync + 'static {
    /// Carries out a group. [`None`] says that nothing was done because of one, and that each is to be carried out by
    /// itself.
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
    answer: Sender<Answer<E>>,
}

enum Answer<E: Errand> {
    Done(Outcome<E>),
    /// It was not begun, and nobody will.
    HandedBack(E),
}

impl<E: Errand> Waiting<E> {
    fn new(errand: E) -> (Self, Receiver<Answer<E>>) {
        let (answer, answered) = oneshot::channel();
        (Self { errand, answer }, answered)
    }

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

/// Waits for what becomes of an errand.
async fn outcome<E: Errand>(answered: Receiver<Answer<E>>, way: &impl Way<E>) -> Outcome<E> {
    match answered.await {
        Ok(Answer::Done(outcome)) => outcome,
        Ok(Answer::HandedBack(errand)) => Box::pin(way.alone(&errand)).await,
        Err(_) => Err(StorageError::unavailable("the runtime that carried it out has stopped")),
    }
}

/// Carries out a group, and answers everybody who waits for one of it.
async fn answer<E: Errand>(group: Vec<Waiting<E>>, way: &impl Way<E>) {
    match way.together(&group).await {
        Ok(Some(outcomes)) => {
            for (waiting, outcome) in group.into_iter().zip(outcomes) {
                waiting.answer(outcome);
            }
        }
        Ok(None) => {
            for waiting in group.into_iter().filter(|waiting| !waiting.is_given_up()) {
                let outcome = way.alone(&waiting.errand).await;
                waiting.answer(outcome);
            }
        }
        Err(error) => group.into_iter().for_each(|waiting| waiting.answer(Err(error.clone()))),
    }
}
