//! What happens between the steps in which a session moves to another slot, in an order that the test decides.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::join;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::record::{Patch, Seen};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Handle, Key, StorageError};

use crate::proxy::Proxy;
use crate::scene::{
    HOUR, Kept, NOW, add, anonymous, create, create_anonymous, drawn, lives, person, record, sign_in_as, visits,
};
use crate::server::{Console, Private};

/// How long an operation of a scene may take.
const LIMIT: Duration = Duration::from_secs(2);

async fn storage(proxy: &Proxy, limit: Duration) -> RedisStorage {
    let url = format!("redis-cluster://127.0.0.1:{}", proxy.port);
    let storage = RedisStorage::builder(&url).unwrap().pool_size(1).timeout(limit).build().unwrap();
    storage.setup().await.unwrap();
    storage
}

/// A Cluster of one server, which tells its clients that it is where a proxy is.
struct Scene {
    server: Private,
    proxy: Arc<Proxy>,
    here: RedisStorage,
    there: RedisStorage,
}

impl Scene {
    async fn open() -> Option<Self> {
        let server = Private::start_cluster()?;
        let proxy = Proxy::before(server.port).await;
        server.console().ask(&["CONFIG", "SET", "cluster-announce-port", &proxy.port.to_string()]);
        let [here, there] = [storage(&proxy, LIMIT).await, storage(&proxy, LIMIT).await];
        let scene = Self { server, proxy, here, there };
        // The server has the scripts by now.
        let visitor = create_anonymous(&scene.there).await;
        let kept = drawn(person().tag());
        sign_in_as(&scene.there, &visitor.key, kept).await.unwrap();
        Some(scene)
    }

    /// Signs in, while something is done between the step that makes the new session and that which ends the old one.
    async fn sign_in_during<D>(&self, old: &Key, new: Kept, done: impl Future<Output = D>) -> (Signed, D) {
        let loading = self.proxy.hold("EVALSHA");
        let meanwhile = async {
            loading.reached().await;
            let making = self.proxy.hold("EVALSHA");
            loading.release();
            making.reached().await;
            let ending = self.proxy.hold("EVALSHA");
            making.release();
            ending.reached().await;
            let done = done.await;
            ending.release();
            done
        };
        join!(sign_in_as(&self.here, old, new), meanwhile)
    }
}

type Signed = Result<Commit, StorageError>;

fn rotated(signed: &Signed) -> bool {
    matches!(signed, Ok(Commit::Committed { rotated: true, .. }))
}

#[rocket::async_test]
async fn a_use_that_is_written_down_between_the_steps_is_kept() {
    let Some(scene) = Scene::open().await else { return };
    let (old, new) = (create_anonymous(&scene.there).await, drawn(person().tag()));
    let later = NOW.after(Duration::from_secs(1));
    let seen = Seen { at: later, expires_at: later.after(HOUR), client: None };
    let touch = async { scene.there.touch(&old.key, seen, NOW).await.unwrap() };
    let (signed, touched) = scene.sign_in_during(&old.key, new, touch).await;
    assert!(touched && rotated(&signed), "{signed:?}");
    let Loaded::Live { record, .. } = scene.there.load(&new.key, NOW).await.unwrap() else { panic!("it lives") };
    assert_eq!((record.meta.seen_at, record.meta.expires_at), (later, later.after(HOUR)));
}

#[rocket::async_test]
async fn a_key_that_another_follows_between_the_steps_moves_nothing() {
    let Some(scene) = Scene::open().await else { return };
    let (old, new) = (create(&scene.there, &person()).await, drawn(person().tag()));
    let pending = drawn(old.key.tag()).key;
    let how = Rotation::Renewal { grace: HOUR };
    scene.there.rotate(&old.key, &pending, Patch::default(), how, NOW).await.unwrap();
    // As it was seen before.
    let seen = Seen { at: NOW, expires_at: NOW.after(HOUR), client: None };
    let present = async { scene.there.touch(&pending, seen, NOW).await.unwrap() };
    let (signed, presented) = scene.sign_in_during(&old.key, new, present).await;
    assert!(presented);
    assert_eq!(signed.unwrap(), Commit::Moved, "a key in grace takes no session away");
    let living = [lives(&scene.there, &pending).await, lives(&scene.there, &new.key).await];
    assert_eq!(living, [true, false]);
}

/// Waits until the server was asked to run so many scripts more.
async fn ran(console: &mut Console, more: u64, before: u64) {
    while console.calls("evalsha") < before + more {
        sleep(Duration::from_millis(5)).await;
    }
}

#[rocket::async_test]
async fn a_new_session_that_is_made_after_it_was_taken_back_is_deleted() {
    let Some(mut scene) = Scene::open().await else { return };
    let (old, new) = (create_anonymous(&scene.there).await, drawn(person().tag()));
    // The server has the script by now.
    assert!(!scene.there.delete(&new.key, NOW).await.unwrap());
    let mut console = scene.server.console();
    scene.here = storage(&scene.proxy, Duration::from_millis(300)).await;
    let loading = scene.proxy.hold("EVALSHA");
    let meanwhile = async {
        loading.reached().await;
        let making = scene.proxy.hold("EVALSHA");
        loading.release();
        making.reached().await;
        (scene.proxy.hold("EVALSHA"), making)
    };
    let (signed, (deleting, making)) = join!(sign_in_as(&scene.here, &old.key, new), meanwhile);
    assert!(signed.is_err(), "{signed:?}");
    let before = console.calls("evalsha");
    deleting.reached().await;
    let deleting_again = scene.proxy.hold("EVALSHA");
    deleting.release();
    let made = async {
        deleting_again.reached().await;
        making.release();
        ran(&mut console, 2, before).await;
        deleting_again.release();
        while lives(&scene.there, &new.key).await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_mins(1), made).await.expect("it is deleted in the background");
    assert!(lives(&scene.there, &old.key).await);
}

async fn end(storage: &RedisStorage, handle: Handle) -> bool {
    storage.index().unwrap().delete(&handle, NOW).await.unwrap()
}

#[rocket::async_test]
async fn what_is_ended_between_the_steps_is_not_made_again() {
    let Some(scene) = Scene::open().await else { return };
    let (old, new) = (create_anonymous(&scene.there).await, drawn(person().tag()));
    let meanwhile = async {
        add(&scene.there, &old.key, 1).await.unwrap();
        end(&scene.there, new.handle).await
    };
    let (signed, ended) = scene.sign_in_during(&old.key, new, meanwhile).await;
    assert!(ended && rotated(&signed), "{signed:?}");
    let living = [lives(&scene.there, &old.key).await, lives(&scene.there, &new.key).await];
    assert_eq!(living, [false, false], "as if it had been ended a moment later");
}

#[rocket::async_test]
async fn what_is_written_between_the_steps_is_not_overwritten() {
    let Some(scene) = Scene::open().await else { return };
    let (old, new) = (create_anonymous(&scene.there).await, drawn(person().tag()));
    let meanwhile = async {
        for key in [&old.key, &new.key] {
            assert_eq!(add(&scene.there, key, 1).await.unwrap(), Commit::DONE);
        }
    };
    let (signed, ()) = scene.sign_in_during(&old.key, new, meanwhile).await;
    assert!(signed.is_err(), "{signed:?}");
    assert_eq!(visits(&scene.there, &old.key).await, 1);
    // It is deleted in the background.
    while lives(&scene.there, &new.key).await {
        sleep(Duration::from_millis(5)).await;
    }
}

#[rocket::async_test]
async fn an_end_of_a_session_of_nobody_ends_no_other_that_replaces_it() {
    let Some(scene) = Scene::open().await else { return };
    let (old, new) = (create_anonymous(&scene.there).await, anonymous());
    end(&scene.there, create_anonymous(&scene.there).await.handle).await;
    let finding = scene.proxy.hold("EVALSHA");
    let restart = async {
        finding.reached().await;
        let ending = scene.proxy.hold("EVALSHA");
        finding.release();
        ending.reached().await;
        let how = Rotation::Restart(record(new.handle, false));
        let restarted = scene.there.rotate(&old.key, &new.key, Patch::default(), how, NOW).await;
        ending.release();
        restarted
    };
    let (ended, restarted) = join!(end(&scene.here, old.handle), restart);
    assert!(rotated(&restarted), "{restarted:?}");
    assert!(!ended, "it was replaced before");
    assert!(lives(&scene.there, &new.key).await);
}
