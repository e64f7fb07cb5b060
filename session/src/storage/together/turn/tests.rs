//! Who leaves with whom, and who depends on nobody.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::futures::{FutureExt, poll};
use rocket::tokio::runtime::{Builder, Runtime};

use super::super::{Errand, Outcome, Outcomes, Waiting, Way};
use super::Turn;
use crate::error::StorageError;

/// Wants to know whether it is carried out alone.
struct Question;

impl Errand for Question {
    type Outcome = bool;

    const MOST: usize = 4;
}

/// Remembers how large the groups were.
#[derive(Default)]
struct Counter(Mutex<Vec<usize>>);

impl Way<Question> for Counter {
    async fn together(&self, group: &[Waiting<Question>]) -> Result<Option<Outcomes<Question>>, StorageError> {
        self.0.lock().unwrap().push(group.len());
        Ok(Some(group.iter().map(|_| Ok(false)).collect()))
    }

    async fn alone(&self, _question: &Question) -> Outcome<Question> {
        Ok(true)
    }
}

fn line() -> (Arc<Counter>, Arc<Turn<Counter, Question>>) {
    let counter = Arc::new(Counter::default());
    (counter.clone(), Arc::new(Turn::new(counter)))
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[test]
fn what_a_turn_brings_leaves_together() {
    let (counter, line) = line();
    one_thread().block_on(async {
        assert!(!line.carry_out(Question).await.unwrap());
        let answers = join_all((0..6).map(|_| line.carry_out(Question))).await;
        assert!(answers.into_iter().all(|alone| !alone.unwrap()));
    });
    assert_eq!(*counter.0.lock().unwrap(), [1, 4, 2]);
}

#[test]
fn who_gave_up_is_left_out() {
    let (counter, line) = line();
    one_thread().block_on(async {
        assert!(line.carry_out(Question).now_or_never().is_none());
        assert!(!line.carry_out(Question).await.unwrap());
    });
    assert_eq!(*counter.0.lock().unwrap(), [1]);
}

#[test]
fn nobody_waits_for_who_is_busy() {
    let (_, line) = line();
    let threads = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for _ in 0..100 {
        let (come, began) = mpsc::channel();
        let (done, others_done) = mpsc::channel();
        let busy = line.clone();
        let busy = threads.spawn(async move {
            let mut asked = Box::pin(busy.carry_out(Question));
            assert!(poll!(&mut asked).is_pending());
            come.send(()).unwrap();
            others_done.recv_timeout(Duration::from_secs(20)).unwrap();
            asked.await.unwrap()
        });
        began.recv().unwrap();
        let other = line.clone();
        let other = threads.spawn(async move { other.carry_out(Question).await.unwrap() });
        assert!(!threads.block_on(other).unwrap());
        done.send(()).unwrap();
        assert!(!threads.block_on(busy).unwrap());
    }
}

#[test]
fn nobody_waits_for_a_runtime_that_stands_still() {
    let (counter, line) = line();
    let (still, begun) = (one_thread(), line.clone());
    let mut begun = Box::pin(async move { begun.carry_out(Question).await });
    still.block_on(async { assert!(poll!(&mut begun).is_pending()) });
    one_thread().block_on(async { assert!(!line.carry_out(Question).await.unwrap()) });
    assert_eq!(*counter.0.lock().unwrap(), [2]);
    assert!(!still.block_on(begun).unwrap());
}

#[test]
fn what_a_runtime_does_not_begin_before_it_stops_is_handed_back() {
    let (counter, line) = line();
    let stops = one_thread();
    let mut begun = Box::pin(async move { line.carry_out(Question).await });
    stops.block_on(async {
        // It came, and left.
        assert!(poll!(&mut begun).is_pending() && poll!(&mut begun).is_pending());
    });
    drop(stops);
    assert!(one_thread().block_on(begun).unwrap());
    assert!(counter.0.lock().unwrap().is_empty());
}
