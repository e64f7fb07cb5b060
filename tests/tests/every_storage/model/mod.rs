//! Each storage, in random sequences and races of operations, beside the one of texts as the model of all.

mod call;
mod names;
mod race;
mod state;
mod step;

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rocket::tokio::runtime::Builder;
use rocket_typed_session::storage::{Loaded, SWEPT_AFTER, SessionStorage};
use rocket_typed_session::testing::TextStorage;
use rocket_typed_session::{Handle, Key, Now};
use rocket_typed_session_tests::on_every_storage;
use rocket_typed_session_tests::place::{Kind, Place};

use self::call::{Answer, Call};
use self::names::Names;
use self::race::Race;
use self::state::State;
use self::step::{Step, change, step};

on_every_storage! {
    kinds:
    a_sequence_does_what_it_does_to_the_model
    a_race_does_what_some_order_does_to_the_model
}

/// A storage and its model, which have been told the same.
struct Pair {
    ours: Arc<dyn SessionStorage>,
    model: TextStorage,
    names: Names,
    told: Vec<(Call, Now)>,
    kind: Kind,
}

impl Pair {
    async fn on(kind: Kind, place: &dyn Place) -> Self {
        let ours = place.storage();
        ours.setup().await.unwrap();
        Self { ours, model: TextStorage::new(), names: Names::default(), told: Vec::new(), kind }
    }

    fn now(&self) -> Now {
        self.names.clock.timestamp()
    }

    /// Takes a step with both, which must answer the same.
    async fn step(&mut self, step: Step) {
        match step {
            Step::Wait { seconds } => self.names.clock.advance(Duration::from_secs(seconds)),
            Step::Load { key } => self.load(key).await,
            step => {
                let Some(call) = self.names.call(step) else { return };
                let ours = self.ask(&call, &*self.ours).await;
                assert_eq!(ours, self.ask(&call, &self.model).await, "{call:?}");
                self.told.push((call, self.now()));
            }
        }
    }

    async fn load(&mut self, key: usize) {
        let Some(key) = self.names.known(key) else { return };
        if let Loaded::Live { record, .. } = self.ours.load(&key, self.now()).await.unwrap() {
            self.names.loaded.push(record);
        }
    }

    async fn ask(&self, call: &Call, storage: &dyn SessionStorage) -> Answer {
        call.clone().ask(storage, self.now()).await
    }

    async fn state(&self, storage: &dyn SessionStorage, keys: &[Key], handles: &[Handle]) -> State {
        State::of(storage, keys, handles, self.now()).await
    }

    async fn whole_state(&self, storage: &dyn SessionStorage) -> State {
        self.state(storage, &self.names.keys, &self.names.handles).await
    }

    /// Asserts that both show the same of the last sessions.
    async fn compare_recent(&self) {
        let keys = self.names.recent();
        assert_eq!(self.state(&*self.ours, keys, &[]).await, self.state(&self.model, keys, &[]).await);
    }

    /// Asserts that both show the same of all sessions.
    async fn compare(&self) {
        assert_eq!(self.whole_state(&*self.ours).await, self.whole_state(&self.model).await);
    }
}

/// Runs random cases, each on a place of its own, and shrinks one that fails.
fn run<T: std::fmt::Debug>(
    kind: Kind,
    cases: u32,
    cases_of: impl Strategy<Value = T>,
    case: impl AsyncFn(&dyn Place, T),
) {
    let cases = if kind == Kind::Memory { 10 * cases } else { cases };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let done = TestRunner::new(config).run(&cases_of, |given| {
        let Some(place) = kind.place() else { return Ok(()) };
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(case(&*place, given));
        Ok(())
    });
    done.unwrap();
}

fn sequential(kind: Kind) -> impl Strategy<Value = Step> {
    step().prop_map(move |step| match kind {
        #[cfg(feature = "redis")]
        Kind::RedisCluster => step.in_a_cluster(),
        _ => step,
    })
}

fn racing(kind: Kind) -> impl Strategy<Value = Step> {
    change().prop_map(move |step| match kind {
        #[cfg(feature = "redis")]
        Kind::RedisCluster => step.racing_in_a_cluster(),
        _ => step,
    })
}

fn a_sequence_does_what_it_does_to_the_model(kind: Kind) {
    run(kind, 30, vec(sequential(kind), 1..60), async |place, steps| {
        let mut pair = Pair::on(kind, place).await;
        for step in steps {
            pair.step(step).await;
            pair.compare_recent().await;
        }
        pair.compare().await;
        // Everything ends in its time, and nothing is left.
        pair.names.clock.advance(Duration::from_hours(24) + SWEPT_AFTER);
        pair.step(Step::Sweep).await;
        assert!(place.held().await.is_none_or(|held| held == 0));
        pair.ours.shutdown().await;
    });
}

fn a_race_does_what_some_order_does_to_the_model(kind: Kind) {
    run(kind, 60, (vec(sequential(kind), 1..12), vec(racing(kind), 2..4)), async |place, (steps, racing)| {
        let mut pair = Pair::on(kind, place).await;
        for step in steps {
            pair.step(step).await;
        }
        let calls = racing.into_iter().filter_map(|step| pair.names.call(step)).collect();
        Race::run(&pair, calls).await.is_explained(&pair).await;
        pair.ours.shutdown().await;
    });
}
