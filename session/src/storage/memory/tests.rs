//! What only this storage promises: its bounds, and how it keeps itself small.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::runtime::Builder;
use rocket::tokio::task::JoinSet;

use super::MemoryStorage;
use super::shard::Lead;
use super::sweep::BATCH;
use crate::error::StorageError;
use crate::record::{FieldPatch, FieldText, Fields, MetaPatch, Patch, Record};
use crate::storage::{Commit, MOVED_FOR, Rotation, SWEPT_AFTER, SessionStorage, Sweep, Via};
use crate::testing::conformance::stage::{HOUR, Kept, SECOND, Stage, add, handle, key, person, rotated, set, tag};
use crate::token::Key;

fn run<F: Future<Output = ()>>(storage: MemoryStorage, test: impl FnOnce(Stage, Arc<MemoryStorage>) -> F) {
    let storage = Arc::new(storage);
    let runtime = Builder::new_multi_thread().worker_threads(4).build().unwrap();
    runtime.block_on(test(Stage::new(storage.clone()), storage));
}

fn of_sessions(max: usize) -> MemoryStorage {
    MemoryStorage::builder().max_sessions(max).build()
}

fn text(length: usize) -> Fields {
    Fields::from([("text".to_owned(), FieldText::Json(format!("\"{}\"", "x".repeat(length))))])
}

async fn refused(stage: &Stage, record: Record) -> StorageError {
    stage.storage.create(&key(record.meta.handle.tag()), record, stage.now()).await.unwrap_err()
}

#[test]
fn the_same_record_is_handed_out_again() {
    run(MemoryStorage::new(), |stage, _| async move {
        let kept = stage.somebody().await;
        let (first, second) = (stage.found(&kept.key).await.unwrap(), stage.found(&kept.key).await.unwrap());
        assert!(Arc::ptr_eq(&first.0, &second.0));
    });
}

#[test]
fn a_record_that_was_handed_out_does_not_change() {
    run(MemoryStorage::new(), |stage, _| async move {
        let kept = stage.somebody().await;
        let (record, _) = stage.found(&kept.key).await.unwrap();
        let seen_at = record.meta.seen_at;
        stage.advance(SECOND);
        stage.touch(&kept.key).await;
        stage.write(&kept.key, set([("theme", "1")])).await;
        assert_eq!(record.meta.seen_at, seen_at);
        assert_eq!(record.fields().unwrap()["theme"].json(), "\"dark\"");
    });
}

#[test]
fn a_full_storage_frees_expired_sessions_first() {
    run(of_sessions(3), |stage, storage| async move {
        let expiring = stage.somebody().await;
        stage.advance(HOUR / 2);
        let kept = [stage.anonymous().await, stage.somebody().await];
        stage.advance(HOUR / 2);
        let new = stage.anonymous().await;
        assert_eq!(storage.len(), 3);
        assert!(stage.absent(&expiring.key).await);
        for kept in kept.into_iter().chain([new]) {
            assert!(stage.found(&kept.key).await.is_some());
        }
    });
}

#[test]
fn f_15_a_full_storage_ends_the_anonymous_session_that_would_expire_first() {
    run(of_sessions(20), |stage, storage| async move {
        stage.somebody().await;
        let mut anonymous = Vec::new();
        for _ in 0..19 {
            anonymous.push(stage.anonymous().await);
            stage.advance(SECOND);
        }
        stage.touch(&anonymous[0].key).await;
        for (number, victim) in anonymous.iter().enumerate().skip(1) {
            stage.somebody().await;
            assert!(stage.absent(&victim.key).await, "{number}");
            assert_eq!(storage.len(), 20);
            let next = anonymous[(number + 1) % anonymous.len()];
            assert!(stage.found(&next.key).await.is_some(), "{number}");
        }
        stage.advance(HOUR + SWEPT_AFTER + SECOND);
        while Sweep::sweep(&*storage, stage.now()).await.unwrap().more {}
        assert!(storage.is_empty());
    });
}

#[test]
fn f_15_sessions_of_somebody_are_never_ended_for_room() {
    run(of_sessions(5), |stage, storage| async move {
        let mut kept = Vec::new();
        for _ in 0..5 {
            kept.push(stage.somebody().await);
        }
        for identified in [true, false] {
            let record = stage.record(handle(tag()), identified, Fields::new());
            assert!(matches!(refused(&stage, record).await, StorageError::Full));
        }
        assert_eq!(storage.len(), 5);
        for kept in kept {
            assert!(stage.found(&kept.key).await.is_some());
        }
    });
}

async fn filled(stage: &Stage) -> Vec<Kept> {
    let anonymous = [stage.anonymous().await, stage.anonymous().await];
    for _ in 0..3 {
        stage.somebody().await;
    }
    anonymous.to_vec()
}

#[test]
fn who_signs_in_is_let_into_a_full_storage() {
    let storage = MemoryStorage::builder().max_sessions(5).max_bytes(5 * 600).build();
    run(storage, |stage, storage| async move {
        let anonymous = filled(&stage).await;
        let patch = |handle| {
            let meta = MetaPatch { handle: Some(handle), identified: Some(true), ..MetaPatch::default() };
            Patch::new(meta, FieldPatch { set: text(2000), ..FieldPatch::default() })
        };
        let identity = person();
        let new = key(identity.tag());
        let rotation = Rotation::Privilege;
        let answer = stage.rotate(&anonymous[0].key, &new, patch(handle(identity.tag())), rotation).await;
        assert!(rotated(&answer), "{answer:?}");
        let record = stage.record(handle(identity.tag()), true, text(2000));
        let newer = key(identity.tag());
        let answer = stage.rotate(&anonymous[1].key, &newer, Patch::default(), Rotation::Restart(record)).await;
        assert!(rotated(&answer), "{answer:?}");
        assert_eq!(storage.len(), 5);
    });
}

#[test]
fn a_cap_makes_room_in_a_full_storage() {
    run(of_sessions(2), |stage, storage| async move {
        let identity = person();
        let kept = [stage.signed_in(&identity).await, stage.signed_in(&identity).await];
        let mut record = stage.record(handle(identity.tag()), true, Fields::new());
        record.max_per_user = std::num::NonZeroU32::new(2);
        stage.create(record).await;
        assert_eq!(storage.len(), 2);
        let (first, second) = (stage.absent(&kept[0].key).await, stage.absent(&kept[1].key).await);
        assert!(first != second);
    });
}

#[test]
fn what_is_refused_for_its_size_takes_no_place() {
    run(MemoryStorage::builder().max_sessions(2).max_bytes(3000).build(), |stage, storage| async move {
        stage.with(&person(), text(1000)).await;
        for _ in 0..3 {
            let record = stage.record(handle(tag()), true, text(1200));
            assert!(matches!(refused(&stage, record).await, StorageError::Full));
        }
        stage.with(&person(), text(1)).await;
        assert_eq!(storage.len(), 2);
    });
}

#[test]
fn data_that_does_not_fit_is_refused() {
    run(MemoryStorage::builder().max_bytes(2000).build(), |stage, storage| async move {
        let kept = stage.with(&person(), text(1000)).await;
        let before = (storage.bytes(), stage.meta(&kept.key).await);
        let grown = Patch::new(MetaPatch::default(), FieldPatch { set: text(1400), ..FieldPatch::default() });
        stage.write(&kept.key, set([("more", "1")])).await;
        stage.write(&kept.key, FieldPatch { remove: vec!["more".into()], ..FieldPatch::default() }).await;
        let mut other = stage.record(handle(tag()), true, text(100));
        assert!(matches!(refused(&stage, other.clone()).await, StorageError::Full));
        other.meta.handle = handle(tag());
        stage.storage.commit(&kept.key, grown, stage.now()).await.unwrap();
        let grown = Patch::new(MetaPatch::default(), FieldPatch { set: text(1600), ..FieldPatch::default() });
        let error = stage.storage.commit(&kept.key, grown, stage.now()).await.unwrap_err();
        assert!(matches!(error, StorageError::TooLarge { limit: 2000, .. }), "{error:?}");
        assert_eq!(storage.bytes(), before.0 + 400);
        assert_eq!(stage.meta(&kept.key).await.version, before.1.version + 3);
    });
}

#[test]
fn growth_makes_room_and_is_refused_without() {
    run(MemoryStorage::builder().max_bytes(3000).build(), |stage, _| async move {
        let kept = stage.with(&person(), text(100)).await;
        let other = stage.with(&person(), text(500)).await;
        let anonymous = stage.create(stage.record(handle(tag()), false, text(500))).await;
        stage.write(&kept.key, FieldPatch { set: text(600), ..FieldPatch::default() }).await;
        assert!(stage.absent(&anonymous.key).await);
        let grown = Patch::new(MetaPatch::default(), FieldPatch { set: text(2300), ..FieldPatch::default() });
        let error = stage.storage.commit(&kept.key, grown, stage.now()).await.unwrap_err();
        assert!(matches!(error, StorageError::Full), "{error:?}");
        assert!(stage.found(&other.key).await.is_some());
    });
}

#[test]
fn a_session_that_grows_is_not_ended_for_its_own_room() {
    run(MemoryStorage::builder().max_bytes(2500).build(), |stage, _| async move {
        let kept = stage.create(stage.record(handle(tag()), false, text(100))).await;
        stage.advance(SECOND);
        let later = stage.create(stage.record(handle(tag()), false, text(700))).await;
        stage.write(&kept.key, FieldPatch { set: text(800), ..FieldPatch::default() }).await;
        assert!(stage.absent(&later.key).await);
        stage.with(&person(), text(500)).await;
        let before = stage.fields(&kept.key).await;
        for how in [None, Some(Rotation::Privilege), Some(Rotation::Renewal { grace: SECOND })] {
            let grown = Patch::new(MetaPatch::default(), FieldPatch { set: text(1600), ..FieldPatch::default() });
            let now = stage.now();
            let outcome = match how {
                None => stage.storage.commit(&kept.key, grown, now).await,
                Some(how) => stage.storage.rotate(&kept.key, &key(kept.key.tag()), grown, how, now).await,
            };
            assert!(matches!(outcome, Err(StorageError::Full)), "{outcome:?}");
            assert_eq!(stage.fields(&kept.key).await, before);
        }
    });
}

#[test]
fn f_15_bounds_hold_in_parallel() {
    const BYTES: usize = 50 * 1024;
    run(MemoryStorage::builder().max_sessions(50).max_bytes(BYTES).build(), |stage, storage| async move {
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let (stage, storage) = (stage.clone(), storage.clone());
            tasks.spawn(async move {
                let mut members = Vec::new();
                for number in 0..200 {
                    if number % 50 == 0 {
                        members.push(stage.somebody().await.key);
                    } else {
                        stage.anonymous().await;
                    }
                    assert!(storage.len() <= 50 && storage.bytes() <= BYTES);
                }
                members
            });
        }
        let members = tasks.join_all().await;
        assert_eq!(storage.len(), 50);
        for key in members.iter().flatten() {
            assert!(stage.found(key).await.is_some(), "who is signed in stays");
        }
    });
}

#[test]
fn ending_everyone_misses_no_rotation() {
    run(MemoryStorage::new(), |stage, storage| async move {
        for _ in 0..50 {
            let mut tasks = JoinSet::new();
            for _ in 0..4 {
                let kept = stage.somebody().await;
                let stage = stage.clone();
                tasks.spawn(async move {
                    let mut at = kept.key;
                    for _ in 0..20 {
                        match stage.sign_in(&at, &person(), None).await {
                            (next, answer) if rotated(&answer) => at = next.key,
                            (_, answer) => return assert_eq!(answer, Commit::Gone),
                        }
                    }
                });
            }
            storage.delete_everyone(stage.now()).await.unwrap();
            tasks.join_all().await;
            assert_eq!(storage.len(), 0);
        }
    });
}

#[test]
fn nothing_is_left_when_all_is_over() {
    run(MemoryStorage::new(), |stage, storage| async move {
        for _ in 0..100 {
            let kept = stage.somebody().await;
            let (pending, _) = stage.renew(&kept.key).await;
            stage.touch(&pending).await;
            let (new, _) = stage.privilege(&pending).await;
            stage.renew(&new).await;
            stage.sign_in(&stage.anonymous().await.key, &person(), None).await;
        }
        stage.advance(HOUR + SWEPT_AFTER + MOVED_FOR);
        assert_eq!(stage.swept().await.len(), 200);
        assert_eq!((storage.len(), storage.bytes()), (0, 0));
    });
}

#[test]
fn a_key_is_pending_still_when_one_whose_grace_ended_is_forgotten() {
    run(MemoryStorage::new(), |stage, storage| async move {
        let kept = stage.somebody().await;
        let (current, _) = stage.renew(&kept.key).await;
        stage.touch(&current).await;
        stage.advance(60 * SECOND);
        let (pending, answer) = stage.renew(&current).await;
        assert!(rotated(&answer));
        Sweep::sweep(&*storage, stage.now()).await.unwrap();
        assert_eq!((stage.via(&current).await, stage.via(&pending).await), (Some(Via::Current), Some(Via::Pending)));
    });
}

#[test]
fn a_key_whose_grace_ended_is_forgotten_while_its_session_lives() {
    run(MemoryStorage::new(), |stage, storage| async move {
        let kept = stage.somebody().await;
        let before = storage.bytes();
        let (pending, _) = stage.renew(&kept.key).await;
        stage.touch(&pending).await;
        assert!(storage.bytes() > before);
        stage.advance(MOVED_FOR);
        assert_eq!(stage.swept().await.len(), 0);
        let shard = storage.shard(pending.tag());
        let Lead::Live(slot, Via::Current) = shard.lead(&pending, stage.now()) else { panic!("the session lives") };
        assert!(shard.slots[slot].chain.is_none());
    });
}

#[test]
fn few_sessions_among_many_free_slots_are_moved_together() {
    run(MemoryStorage::new(), |stage, storage| async move {
        let identity = person();
        let mut kept: Vec<Kept> = Vec::new();
        for _ in 0..1000 {
            kept.push(stage.signed_in(&identity).await);
        }
        stage.advance(HOUR / 2);
        let last = kept.split_off(990);
        for kept in &last {
            stage.touch(&kept.key).await;
        }
        stage.advance(HOUR / 2 + SWEPT_AFTER + SECOND);
        assert_eq!(stage.swept().await.len(), 990);
        assert!(!storage.shard(identity.tag()).slots.sparse());
        let index = stage.index().unwrap();
        assert_eq!(index.count(&identity, stage.now()).await.unwrap(), 10);
        for kept in &last[..5] {
            stage.write(&kept.key, add("visits", 1)).await;
            assert_eq!(index.find(&kept.handle, stage.now()).await.unwrap().unwrap().0, kept.key);
            assert!(stage.delete(&kept.key).await);
        }
        stage.advance(HOUR);
        assert_eq!(stage.swept().await.len(), 5);
        assert_eq!((storage.len(), storage.bytes()), (0, 0));
    });
}

#[test]
fn sessions_that_were_used_hide_none_that_expired() {
    run(MemoryStorage::new(), |stage, _| async move {
        let identity = person();
        let mut used = Vec::new();
        for _ in 0..BATCH {
            used.push(stage.signed_in(&identity).await);
        }
        stage.advance(SECOND);
        let unused = stage.signed_in(&identity).await;
        stage.advance(HOUR / 2);
        for kept in &used {
            stage.touch(&kept.key).await;
        }
        stage.advance(HOUR / 2 + SWEPT_AFTER);
        assert_eq!(stage.swept().await, [unused.handle].into());
    });
}

#[test]
fn a_sweep_ends_though_many_sessions_expire_within_this_second() {
    run(MemoryStorage::new(), |stage, _| async move {
        let identity = person();
        stage.advance(Duration::from_millis(500));
        for _ in 0..1000 {
            stage.signed_in(&identity).await;
        }
        stage.advance((HOUR + SWEPT_AFTER).checked_sub(Duration::from_millis(1)).unwrap());
        assert_eq!(stage.swept().await.len(), 0);
        stage.advance(Duration::from_millis(1));
        assert_eq!(stage.swept().await.len(), 1000);
    });
}

#[test]
fn a_sweep_frees_no_more_than_a_batch_at_a_time() {
    run(MemoryStorage::new(), |stage, storage| async move {
        let identity = person();
        for _ in 0..10 * BATCH {
            stage.signed_in(&identity).await;
        }
        stage.advance(HOUR + SWEPT_AFTER);
        loop {
            let held = storage.len();
            let swept = Sweep::sweep(&*storage, stage.now()).await.unwrap();
            assert!(storage.shards.iter().all(|shard| shard.try_lock().is_some()));
            assert!(held - storage.len() <= BATCH, "{}", held - storage.len());
            if !swept.more {
                break;
            }
        }
        assert!(storage.is_empty());
    });
}

#[test]
fn another_identity_needs_another_key() {
    run(MemoryStorage::new(), |stage, _| async move {
        let kept = stage.somebody().await;
        let meta = MetaPatch { handle: Some(handle(tag())), ..MetaPatch::default() };
        let outcome = stage.storage.commit(&kept.key, Patch::new(meta, add("visits", 1)), stage.now()).await;
        assert!(matches!(outcome, Err(StorageError::Unsupported(_))));
        let record = stage.record(handle(tag()), true, Fields::new());
        let outcome = stage.storage.create(&key(tag()), record, stage.now()).await;
        assert!(matches!(outcome, Err(StorageError::Unsupported(_))));
    });
}

#[test]
fn a_rotation_needs_a_free_key() {
    run(MemoryStorage::new(), |stage, _| async move {
        let (kept, other) = (stage.somebody().await, stage.somebody().await);
        let taken: [Key; 2] = [kept.key, other.key];
        for new in taken {
            for how in [Rotation::Privilege, Rotation::Renewal { grace: SECOND }] {
                let outcome = stage.storage.rotate(&kept.key, &new, Patch::default(), how, stage.now()).await;
                assert!(outcome.is_err());
            }
        }
        assert_eq!(stage.via(&kept.key).await, Some(Via::Current));
        assert_eq!(stage.via(&other.key).await, Some(Via::Current));
    });
}
