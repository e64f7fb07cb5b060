//! Sessions in Redis do what those in the storage of texts do.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rocket::tokio::runtime::Builder;

use crate::race::{Race, step};
use crate::server::{CLUSTER, SINGLE, or_text};

fn does_what_the_one_of_texts_does(variable: &'static str) {
    let mut runner = TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() });
    let raced = runner.run(&vec(step(), 1..60), |steps| {
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(async {
            let storage = or_text(variable);
            storage.setup().await.unwrap();
            let mut race = Race::new(storage.clone());
            for step in steps {
                race.step(step).await;
                race.compare().await;
            }
            storage.shutdown().await;
        });
        Ok(())
    });
    raced.unwrap();
}

#[test]
fn a_server_does_what_the_storage_of_texts_does() {
    does_what_the_one_of_texts_does(SINGLE);
}

#[test]
fn a_cluster_does_what_the_storage_of_texts_does() {
    does_what_the_one_of_texts_does(CLUSTER);
}
