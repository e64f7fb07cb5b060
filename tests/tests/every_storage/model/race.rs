//! Operations at once, and an order that explains what became of them.

use rocket::futures::future::join_all;
use rocket::tokio::spawn;
use rocket_typed_session::Handle;
use rocket_typed_session::testing::TextStorage;
#[cfg(feature = "redis")]
use rocket_typed_session_tests::place::Kind;

use super::Pair;
use super::call::{Answer, Call};
use super::state::State;

/// What became of operations that ran at once.
pub(super) struct Race {
    calls: Vec<Call>,
    answers: Vec<Answer>,
    left: State,
    /// The sessions that a Cluster lists before it is known whether they come to be.
    in_flight: Vec<Handle>,
}

impl Race {
    /// Asks a storage all at once.
    pub(super) async fn run(pair: &Pair, calls: Vec<Call>) -> Self {
        let in_flight = match pair.kind {
            #[cfg(feature = "redis")]
            Kind::RedisCluster => calls.iter().filter_map(Call::in_flight).collect(),
            _ => Vec::new(),
        };
        let racing = calls.iter().cloned().map(|call| {
            let (ours, now) = (pair.ours.clone(), pair.now());
            spawn(async move { call.ask(&*ours, now).await })
        });
        let answers = join_all(racing).await.into_iter().map(Result::unwrap).collect();
        Self { calls, answers, left: pair.whole_state(&*pair.ours).await, in_flight }
    }

    /// Asserts that the model, asked in some order, answers so and shows the same.
    pub(super) async fn is_explained(&self, pair: &Pair) {
        for order in orders(self.calls.len()) {
            if self.is_explained_by(&order, pair).await {
                return;
            }
        }
        let Self { calls, answers, left, .. } = self;
        panic!("no order explains {answers:#?}\nof {calls:#?}\nafter {:#?}\nwhich left {left:#?}", pair.told);
    }

    async fn is_explained_by(&self, order: &[usize], pair: &Pair) -> bool {
        let model = TextStorage::new();
        for (call, now) in &pair.told {
            call.clone().ask(&model, *now).await;
        }
        for at in order {
            let expected = pair.ask(&self.calls[*at], &model).await;
            if !self.allows(&self.calls[*at], &expected, &self.answers[*at]) {
                return false;
            }
        }
        pair.whole_state(&model).await == self.left
    }

    /// Returns whether an answer is what the model gives, or counts ends of sessions in flight beside.
    fn allows(&self, call: &Call, expected: &Answer, given: &Answer) -> bool {
        match (call, expected, given) {
            (Call::DeleteHandle { handle }, Answer::Ended(false), Answer::Ended(true)) => {
                self.in_flight.contains(handle)
            }
            (Call::DeleteAll { identity, .. }, Answer::Many(ended), Answer::Many(counted)) => {
                let listed = self.in_flight.iter().filter(|handle| handle.tag() == identity.tag()).count() as u64;
                (*ended..=ended + listed).contains(counted)
            }
            _ => expected == given,
        }
    }
}

/// Returns every order of so many.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let with = |order: Vec<usize>| (0..count).map(move |at| [&order[..at], &[last], &order[at..]].concat());
    orders(last).into_iter().flat_map(with).collect()
}
