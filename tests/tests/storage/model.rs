//! The storage in memory does what the one of texts does.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use rocket::tokio::runtime::Builder;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::storage::{SWEPT_AFTER, SessionStorage};

use crate::race::{Race, step};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_storage_in_memory_does_what_the_one_of_texts_does(steps in vec(step(), 1..60)) {
        Builder::new_current_thread().build().unwrap().block_on(async {
            let memory = Arc::new(MemoryStorage::new());
            let mut race = Race::new(memory.clone());
            for step in steps {
                race.step(step).await;
                race.compare().await;
            }
            // Everything ends in its time, and nothing is left.
            race.clock.advance(Duration::from_hours(24) + SWEPT_AFTER);
            memory.sweep().unwrap().sweep(race.clock.timestamp()).await.unwrap();
            assert_eq!((memory.len(), memory.bytes()), (0, 0));
        });
    }
}
