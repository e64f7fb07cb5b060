//! Sessions that move between the slots of a Cluster, and slots that move between servers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use rocket::tokio::spawn;
use rocket::tokio::task::spawn_blocking;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::record::Patch;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};

use crate::scene::{NOW, add, create, create_anonymous, drawn, lives, person, record, sign_in, visits};
use crate::server::{CLUSTER, Console, builder, url};
use crate::shards::{Shards, slot_of, somebody};

async fn clustered() -> Option<Arc<RedisStorage>> {
    let storage = Arc::new(builder(&url(CLUSTER)?).build().unwrap());
    storage.setup().await.unwrap();
    Some(storage)
}

#[rocket::async_test]
async fn no_acknowledged_write_is_lost_by_a_sign_in_across_slots() {
    let Some(storage) = clustered().await else { return };
    for _ in 0..10 {
        let visitor = create_anonymous(&*storage).await;
        let acknowledged = Arc::new(AtomicI64::new(0));
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let (storage, acknowledged) = (storage.clone(), acknowledged.clone());
                spawn(async move {
                    while add(&*storage, &visitor.key, 1).await.unwrap() == Commit::DONE {
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                        sleep(Duration::from_millis(5)).await;
                    }
                })
            })
            .collect();
        sleep(Duration::from_millis(20)).await;
        let (somebody, answer) = sign_in(&*storage, &visitor.key, &person()).await;
        assert!(matches!(answer, Ok(Commit::Committed { rotated: true, .. })), "{answer:?}");
        for writer in writers {
            writer.await.unwrap();
        }
        assert!(matches!(storage.load(&visitor.key, NOW).await.unwrap(), Loaded::Moved));
        assert_eq!(visits(&*storage, &somebody.key).await, acknowledged.load(Ordering::SeqCst));
    }
}

#[rocket::async_test]
async fn a_sign_in_that_stops_between_its_steps_leaves_one_session_or_none() {
    let Some(storage) = clustered().await else { return };
    let mut outcomes = HashMap::new();
    for round in 0..120_u64 {
        let (old, identity) = (create_anonymous(&*storage).await, person());
        let new = drawn(identity.tag());
        let stop = Duration::from_micros(round * 25);
        let done = if round % 2 == 0 {
            let how = Rotation::Restart(record(new.handle, true));
            timeout(stop, storage.rotate(&old.key, &new.key, Patch::default(), how, NOW)).await
        } else {
            let meta = rocket_typed_session::record::MetaPatch {
                handle: Some(new.handle),
                identified: Some(true),
                ..<_>::default()
            };
            let patch = Patch::new(meta, <_>::default());
            timeout(stop, storage.rotate(&old.key, &new.key, patch, Rotation::Privilege, NOW)).await
        };
        let done = matches!(done, Ok(Ok(Commit::Committed { rotated: true, .. })));
        if !done {
            // What was made of the new session is deleted in the background, once the server has made it.
            sleep(Duration::from_millis(20)).await;
            while lives(&*storage, &new.key).await {
                sleep(Duration::from_millis(5)).await;
            }
        }
        let (old, new) = (lives(&*storage, &old.key).await, lives(&*storage, &new.key).await);
        assert!(!(old && new), "both live");
        assert_eq!(done, new, "the new one lives if its client has the token");
        let count = storage.index().unwrap().count(&identity, NOW).await.unwrap();
        assert_eq!(count, u64::from(new));
        *outcomes.entry((done, old)).or_insert(0) += 1;
    }
    assert!(outcomes.len() >= 2, "{outcomes:?}");
}

#[rocket::async_test]
async fn ending_races_a_sign_in_across_slots() {
    let Some(storage) = clustered().await else { return };
    for round in 0..60_u64 {
        let old = create_anonymous(&*storage).await;
        let ending = {
            let storage = storage.clone();
            spawn(async move {
                sleep(Duration::from_micros(round * 20)).await;
                storage.delete(&old.key, NOW).await.unwrap()
            })
        };
        let (new, answer) = sign_in(&*storage, &old.key, &person()).await;
        let ended = ending.await.unwrap();
        match answer.unwrap() {
            Commit::Gone => assert!(ended && !lives(&*storage, &new.key).await),
            Commit::Committed { .. } => assert!(!ended && lives(&*storage, &new.key).await),
            other => panic!("{other:?}"),
        }
        assert!(!lives(&*storage, &old.key).await);
    }
}

#[rocket::async_test]
async fn sessions_are_whole_while_their_slot_moves() {
    let Some(url) = url(CLUSTER) else { return };
    let storage = clustered().await.unwrap();
    let identity = somebody();
    let kept = create(&*storage, &identity).await;
    let others = [create(&*storage, &identity).await, create(&*storage, &identity).await];
    let mut console = Console::of(&url);
    let tag = kept.handle.to_string();
    let slot = slot_of(&mut console, &identity);
    let (stop, acknowledged, failed) = <(Arc<AtomicBool>, Arc<AtomicI64>, Arc<AtomicI64>)>::default();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (storage, stop) = (storage.clone(), stop.clone());
            let (acknowledged, failed) = (acknowledged.clone(), failed.clone());
            spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    match add(&*storage, &kept.key, 1).await {
                        Ok(answer) => {
                            assert_eq!(answer, Commit::DONE);
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(_) => drop(failed.fetch_add(1, Ordering::SeqCst)),
                    }
                }
            })
        })
        .collect();
    let shards = Shards::of(&url);
    let owner = shards.owner(&slot).unwrap_or_else(|| panic!("{tag} is somewhere"));
    let written = acknowledged.clone();
    let moving = spawn_blocking(move || {
        for round in 0..6 {
            let enough = written.load(Ordering::SeqCst) + 10;
            let (from, to) = if round % 2 == 0 { (owner, (owner + 1) % 3) } else { ((owner + 1) % 3, owner) };
            shards.shift(&slot, from, to);
            // Those that go on write between any two moves.
            while written.load(Ordering::SeqCst) < enough {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    moving.await.unwrap();
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    let (acknowledged, failed) = (acknowledged.load(Ordering::SeqCst), failed.load(Ordering::SeqCst));
    let counted = visits(&*storage, &kept.key).await;
    assert!((acknowledged..=acknowledged + failed).contains(&counted), "{acknowledged} and {failed}: {counted}");
    assert!(acknowledged > 50, "{acknowledged} and {failed}");
    assert_eq!(storage.index().unwrap().delete_all(&identity, None, NOW).await.unwrap(), 3);
    for kept in others.iter().chain([&kept]) {
        assert!(!lives(&*storage, &kept.key).await);
    }
    println!("{acknowledged} writes acknowledged while the slot moved six times, {failed} answered as unknown");
}
