//! Requests at the same time.

use std::sync::Arc;

use rocket::tokio::sync::Barrier;
use rocket::tokio::task::JoinSet;

use super::stage::{Stage, add, cap, change, expect, fields, handle, key, person, rotated, set, tag, value};
use crate::record::{FieldPatch, Fields, Patch};
use crate::storage::{Commit, Created, Rotation};

/// Runs as many tasks as are asked for, all at the same time, and returns what they return.
async fn all<R, F>(stage: &Stage, how_many: usize, task: impl Fn(Stage, usize) -> F) -> Vec<R>
where
    R: Send + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let start = Arc::new(Barrier::new(how_many));
    let mut tasks = JoinSet::new();
    for number in 0..how_many {
        let (start, work) = (start.clone(), task(stage.clone(), number));
        tasks.spawn(async move {
            start.wait().await;
            work.await
        });
    }
    tasks.join_all().await
}

pub async fn additions_all_count(stage: Stage) {
    let kept = stage.kept(fields([("visits", "0")])).await;
    all(&stage, 200, move |stage, _| async move { stage.write(&kept.key, add("visits", 1)).await }).await;
    assert_eq!(stage.field(&kept.key, "visits").await, "200");
    assert_eq!(stage.meta(&kept.key).await.version, 201);
}

pub async fn entries_all_survive(stage: Stage) {
    let kept = stage.kept(Fields::new()).await;
    let work = move |stage: Stage, number: usize| async move {
        stage.write(&kept.key, change("cart", [(&number.to_string(), Some("1"))])).await;
    };
    all(&stage, 100, work).await;
    let cart = value(&stage.fields(&kept.key).await, "cart").unwrap();
    assert_eq!(cart.as_object().unwrap().len(), 100);
}

pub async fn one_of_many_rejecting_writers_wins(stage: Stage) {
    let kept = stage.kept(fields([("seat", "0")])).await;
    let work = move |stage: Stage, number: usize| async move {
        let patch = FieldPatch { expect: expect("seat", "0"), ..set([("seat", &(number + 1).to_string())]) };
        stage.commit(&kept.key, patch).await
    };
    let answers = all(&stage, 20, work).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Commit::DONE).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == Commit::Conflict("seat".into())).count(), 19);
}

pub async fn one_of_many_takes_a_key(stage: Stage) {
    let key = key(tag());
    let work = move |stage: Stage, _| async move {
        let record = stage.record(handle(key.tag()), false, Fields::new());
        stage.storage.create(&key, record, stage.now()).await.unwrap()
    };
    let answers = all(&stage, 20, work).await;
    assert_eq!(answers.iter().filter(|answer| **answer != Created::Taken).count(), 1);
}

pub async fn one_of_many_rotations_wins(stage: Stage) {
    let kept = stage.somebody().await;
    let answers = all(&stage, 20, move |stage, _| async move { stage.privilege(&kept.key).await }).await;
    let won: Vec<_> = answers.iter().filter(|(_, answer)| rotated(answer)).collect();
    assert_eq!(won.len(), 1);
    for (new, answer) in &answers {
        assert_eq!(rotated(answer), stage.found(new).await.is_some());
        assert!(rotated(answer) || *answer == Commit::Moved, "{answer:?}");
    }
}

pub async fn a_delete_beats_writes(stage: Stage) {
    for _ in 0..20 {
        let kept = stage.somebody().await;
        let work = move |stage: Stage, number: usize| async move {
            match number % 4 {
                _ if number == 7 => drop(stage.delete(&kept.key).await),
                0 => drop(stage.touch(&kept.key).await),
                _ => drop(stage.commit(&kept.key, add("visits", 1)).await),
            }
        };
        all(&stage, 16, work).await;
        assert!(stage.absent(&kept.key).await);
    }
}

pub async fn ending_all_beats_rotations(stage: Stage) {
    if stage.index().is_none() {
        return;
    }
    for _ in 0..20 {
        let identity = person();
        let kept = [stage.signed_in(&identity).await, stage.signed_in(&identity).await];
        let work = move |stage: Stage, number: usize| async move {
            if number == 2 {
                let index = stage.index().unwrap();
                return assert_eq!(index.delete_all(&identity, None, stage.now()).await.unwrap(), 2);
            }
            let old = kept[number % 2].key;
            let how = if number < 2 { Rotation::Privilege } else { Rotation::Renewal { grace: super::stage::GRACE } };
            stage.rotate(&old, &key(old.tag()), Patch::default(), how).await;
        };
        all(&stage, 6, work).await;
        let index = stage.index().unwrap();
        assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 0);
    }
}

pub async fn a_cap_holds_in_parallel(stage: Stage) {
    let Some(index) = stage.index() else { return };
    let identity = person();
    let work = move |stage: Stage, number: usize| async move {
        let mut record = stage.record(handle(identity.tag()), true, Fields::new());
        record.max_per_user = cap(3);
        let key = key(identity.tag());
        if number.is_multiple_of(2) {
            stage.storage.create(&key, record, stage.now()).await.unwrap();
        } else {
            let kept = stage.anonymous().await;
            stage.rotate(&kept.key, &key, Patch::default(), Rotation::Restart(record)).await;
        }
    };
    all(&stage, 50, work).await;
    assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 3);
    assert_eq!(index.list(&identity, stage.now()).await.unwrap().len(), 3);
}
