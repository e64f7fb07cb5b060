//! What requests ask for at the same time is sent as one, and nobody notices.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rocket::futures::FutureExt;
use rocket::futures::future::join_all;
use rocket::tokio::runtime::Builder;
use rocket::tokio::spawn;
use rocket::tokio::task::spawn_blocking;
use rocket::tokio::time::sleep;
use rocket_typed_session::record::{Patch, Seen};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Key, StorageError};

use crate::scene::{HOUR, Kept, NOW, add, create, drawn, person};
use crate::server::{Console, Private};

/// A storage on a server of its own.
struct Scene {
    server: Private,
    storage: Arc<RedisStorage>,
}

impl Scene {
    async fn open() -> Option<Self> {
        let server = Private::start(&[])?;
        let storage = RedisStorage::builder(&server.url()).unwrap().pool_size(1).build().unwrap();
        storage.setup().await.unwrap();
        Some(Self { server, storage: Arc::new(storage) })
    }

    fn console(&self) -> Console {
        self.server.console()
    }

    async fn sessions(&self, count: usize) -> Vec<Kept> {
        let mut sessions = Vec::new();
        for _ in 0..count {
            sessions.push(create(&*self.storage, &person()).await);
        }
        sessions
    }

    /// Puts something else where a session, or the index of its owner, was.
    fn spoil(&self, pattern: &str) {
        let mut console = self.console();
        let keys = console.keys(pattern);
        assert_eq!(keys.len(), 1, "{keys:?}");
        console.ask(&["SET", &keys[0], "something else"]);
    }

    async fn loaded(&self, keys: &[Key]) -> Vec<Result<String, StorageError>> {
        let load = async |key: Key| match self.storage.load(&key, NOW).await? {
            Loaded::Live { record, via } => Ok(format!("{} {via:?}", record.fields().unwrap()["visits"].json())),
            other => Ok(format!("{other:?}")),
        };
        join_all(keys.iter().map(|key| load(*key))).await
    }

    async fn added(&self, keys: &[Key]) -> Vec<Result<Commit, StorageError>> {
        join_all(keys.iter().map(|key| add(&*self.storage, key, 1))).await
    }
}

fn keys(sessions: &[Kept]) -> Vec<Key> {
    sessions.iter().map(|kept| kept.key).collect()
}

/// On one thread, so that what is the same time is told by the test.
#[test]
fn what_is_asked_for_at_the_same_time_is_one_script() {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(one_script());
}

async fn one_script() {
    let Some(scene) = Scene::open().await else { return };
    let keys = keys(&scene.sessions(8).await);
    let mut console = scene.console();
    // The first time the server is told the scripts.
    for _ in 0..2 {
        console.ask(&["CONFIG", "RESETSTAT"]);
        assert!(scene.loaded(&keys).await.into_iter().all(|found| found.is_ok()));
        assert!(scene.added(&keys).await.into_iter().all(|added| added.unwrap() == Commit::DONE));
    }
    assert_eq!(console.calls("evalsha"), 2, "the loads, and the commits");
    assert_eq!(console.calls("hgetall"), 8);
}

#[rocket::async_test]
async fn everybody_gets_his_own() {
    let Some(scene) = Scene::open().await else { return };
    let sessions = scene.sessions(8).await;
    let mut keys = keys(&sessions);
    for (visits, key) in keys.iter().enumerate() {
        add(&*scene.storage, key, i64::try_from(visits).unwrap()).await.unwrap();
    }
    assert!(scene.storage.delete(&keys[1], NOW).await.unwrap());
    let [new, pending] = [2, 3].map(|number: usize| drawn(keys[number].tag()).key);
    let renewal = Rotation::Renewal { grace: HOUR };
    for (old, new, how) in [(keys[2], new, Rotation::Privilege), (keys[3], pending, renewal)] {
        scene.storage.rotate(&old, &new, Patch::default(), how, NOW).await.unwrap();
    }
    keys.extend([new, pending, drawn(person().tag()).key, keys[4], keys[4]]);

    let found: Vec<_> = scene.loaded(&keys).await.into_iter().map(Result::unwrap).collect();
    let living = ["4 Current", "5 Current", "6 Current", "7 Current"];
    assert_eq!(found[..4], ["0 Current", "Absent", "Moved", "3 Current"]);
    assert_eq!(found[4..8], living);
    assert_eq!(found[8..], ["2 Current", "3 Pending", "Absent", "4 Current", "4 Current"]);

    let seen = Seen { at: NOW.after(HOUR / 4), expires_at: NOW.after(HOUR), client: None };
    let touches = keys[..2].iter().map(|key| scene.storage.touch(key, seen.clone(), NOW));
    let (added, alive) = rocket::tokio::join!(scene.added(&keys), join_all(touches));
    let added: Vec<_> = added.into_iter().map(Result::unwrap).collect();
    let mut expected = vec![Commit::DONE; keys.len()];
    (expected[1], expected[2], expected[10]) = (Commit::Gone, Commit::Moved, Commit::Gone);
    assert_eq!(added, expected);
    assert_eq!(alive.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [true, false]);
    let found: Vec<_> = scene.loaded(&keys).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(found[..5], ["1 Current", "Absent", "Moved", "5 Grace", "7 Current"], "4 was added to three times");
}

#[rocket::async_test]
async fn more_than_a_group_has_are_carried_out() {
    let Some(scene) = Scene::open().await else { return };
    let key = scene.sessions(1).await[0].key;
    let keys = vec![key; 200];
    assert!(scene.added(&keys).await.into_iter().all(|added| added.unwrap() == Commit::DONE));
    assert!(scene.loaded(&keys).await.into_iter().all(|found| found.unwrap() == "200 Current"));
}

#[rocket::async_test]
async fn one_that_fails_harms_no_other() {
    let Some(scene) = Scene::open().await else { return };
    let sessions = scene.sessions(6).await;
    let keys = keys(&sessions);
    let tag = |number: usize| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(keys[number].tag().as_bytes())
    };
    // Of one the record, of another the index.
    scene.spoil(&format!("*{{{}}}:???????????????????????????????????????????", tag(2)));
    scene.spoil(&format!("*{{{}}}:i", tag(4)));
    let expected = [true, true, false, true, false, true];
    for _ in 0..2 {
        let found = scene.loaded(&keys).await;
        assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), expected, "{found:?}");
        let added = scene.added(&keys).await;
        assert_eq!(added.iter().map(Result::is_ok).collect::<Vec<_>>(), expected, "{added:?}");
    }
    assert_eq!(scene.loaded(&keys[..1]).await[0].as_ref().unwrap(), "2 Current");
}

/// What the server refuses everybody is refused as it would have been alone: the client looks for another primary.
#[rocket::async_test]
async fn a_server_that_became_a_replica_refuses_everybody() {
    let Some(scene) = Scene::open().await else { return };
    let keys = keys(&scene.sessions(6).await);
    let mut console = scene.console();
    console.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    for added in scene.added(&keys).await {
        let error = added.unwrap_err();
        assert!(error.source().is_some_and(|error| error.to_string().contains("READONLY")), "{error:?}");
    }
    console.ask(&["REPLICAOF", "NO", "ONE"]);
    while add(&*scene.storage, &keys[0], 1).await.is_err() {
        sleep(Duration::from_millis(10)).await;
    }
    for found in scene.loaded(&keys[1..]).await {
        assert_eq!(found.unwrap(), "0 Current");
    }
}

#[rocket::async_test]
async fn who_gives_up_harms_no_other() {
    let Some(scene) = Scene::open().await else { return };
    let keys = keys(&scene.sessions(8).await);
    for given_up in 1..8 {
        let tasks = keys.iter().map(|key| {
            let (storage, key) = (scene.storage.clone(), *key);
            spawn(async move {
                assert!(matches!(storage.load(&key, NOW).await.unwrap(), Loaded::Live { .. }));
                add(&*storage, &key, 1).await.unwrap()
            })
        });
        let mut tasks: Vec<_> = tasks.collect();
        for task in tasks.drain(..given_up) {
            task.abort();
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), Commit::DONE);
        }
    }
    assert_eq!(scene.loaded(&keys[7..]).await[0].as_ref().unwrap(), "7 Current");
}

#[rocket::async_test]
async fn nobody_waits_for_a_runtime_that_stands_still() {
    let Some(scene) = Scene::open().await else { return };
    let key = scene.sessions(1).await[0].key;
    let (begun, still) = (scene.storage.clone(), Builder::new_current_thread().enable_all().build().unwrap());
    let still = spawn_blocking(move || {
        still.block_on(async {
            assert!(begun.load(&key, NOW).now_or_never().is_none());
            assert!(add(&*begun, &key, 1).now_or_never().is_none());
        });
        still
    });
    let still = still.await.unwrap();
    assert_eq!(scene.loaded(&[key]).await[0].as_ref().unwrap(), "0 Current");
    assert_eq!(add(&*scene.storage, &key, 1).await.unwrap(), Commit::DONE);
    assert_eq!(scene.loaded(&[key]).await[0].as_ref().unwrap(), "1 Current");
    spawn_blocking(move || drop(still)).await.unwrap();
}

/// What the server says is told, whoever asked along.
#[rocket::async_test]
async fn who_may_not_is_told_so() {
    let Some(scene) = Scene::open().await else { return };
    let keys = keys(&scene.sessions(3).await);
    scene.console().ask(&["ACL", "SETUSER", "default", "-hgetall", "-hincrby"]);
    // Redis 7 says the one, Redis 8 and Valkey the other.
    let says = |text: &str| text.contains("can't run") || text.contains("no permissions to run");
    let refused = |error: StorageError| error.source().is_some_and(|error| says(&error.to_string()));
    for count in [1, 3] {
        for found in scene.loaded(&keys[..count]).await {
            let error = found.unwrap_err();
            assert!(refused(error.clone()), "{error:?}");
        }
        for added in scene.added(&keys[..count]).await {
            let error = added.unwrap_err();
            assert!(refused(error.clone()), "{error:?}");
        }
    }
}

/// Neither a load nor a script takes what bears no epoch for living while the server has none.
#[rocket::async_test]
async fn a_session_without_an_epoch_does_not_live() {
    let Some(scene) = Scene::open().await else { return };
    let keys = keys(&scene.sessions(2).await);
    let mut console = scene.console();
    for record in console.keys("*:???????????????????????????????????????????") {
        console.ask(&["HDEL", &record, "@epoch"]);
    }
    console.ask(&["DEL", "session:epoch"]);
    assert_eq!(add(&*scene.storage, &keys[0], 1).await.unwrap(), Commit::Gone);
    console.ask(&["DEL", "session:epoch"]);
    assert!(scene.loaded(&keys).await.into_iter().all(|found| found.unwrap() == "Absent"));
}
