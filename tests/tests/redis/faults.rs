//! Servers that lose scripts, answers, or their life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rocket::tokio::time::sleep;
use rocket_typed_session::StorageError;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Commit, SessionStorage};
use rocket_typed_session_tests::Site;

use crate::proxy::Proxy;
use crate::scene::{NOW, add, create, create_anonymous, lives, person, sign_in, visits};
use crate::server::{Private, Reply};

#[rocket::async_test]
async fn a_server_that_lost_its_scripts_is_given_them_again() {
    let Some(server) = Private::start(&[]) else { return };
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    let kept = create(&storage, &person()).await;
    let mut console = server.console();
    for round in 1..=3 {
        add(&storage, &kept.key, 1).await.unwrap();
        console.ask(&["SCRIPT", "FLUSH"]);
        assert_eq!(visits(&storage, &kept.key).await, round);
    }
    console.ask(&["CONFIG", "RESETSTAT"]);
    add(&storage, &kept.key, 1).await.unwrap();
    add(&storage, &kept.key, 1).await.unwrap();
    assert_eq!((console.calls("eval"), console.calls("evalsha")), (1, 2));
    assert_eq!(visits(&storage, &kept.key).await, 5);
}

/// A storage whose answers get lost when the test says so.
async fn unreliable(server: &Private, timeout: Duration) -> (Arc<Proxy>, RedisStorage) {
    let proxy = Proxy::before(server.port).await;
    let storage = RedisStorage::builder(&proxy.url()).unwrap().pool_size(2).timeout(timeout).build().unwrap();
    storage.setup().await.unwrap();
    (proxy, storage)
}

#[rocket::async_test]
async fn an_addition_whose_answer_is_lost_counts_once() {
    let Some(server) = Private::start(&[]) else { return };
    let (proxy, storage) = unreliable(&server, Duration::from_millis(200)).await;
    let kept = create(&storage, &person()).await;
    let (mut acknowledged, mut unknown) = (0, 0);
    for round in 0..8 {
        proxy.swallow(round % 2 == 1);
        let started = Instant::now();
        match add(&storage, &kept.key, 1).await {
            Ok(answer) => {
                assert_eq!(answer, Commit::DONE);
                acknowledged += 1;
            }
            Err(error) => {
                assert!(matches!(error, StorageError::Timeout | StorageError::Unavailable(_)), "{error:?}");
                unknown += 1;
            }
        }
        assert!(started.elapsed() < Duration::from_millis(400));
        // Long enough for the client to give the connection up, and to do whatever it does then.
        sleep(Duration::from_millis(700)).await;
    }
    proxy.swallow(false);
    sleep(Duration::from_millis(700)).await;
    let counted = visits(&storage, &kept.key).await;
    assert_eq!((acknowledged, unknown), (4, 4));
    assert!((acknowledged..=acknowledged + unknown).contains(&counted), "{counted}");
}

#[rocket::async_test]
async fn a_rotation_whose_answer_is_lost_is_unknown_and_not_gone() {
    let Some(server) = Private::start(&[]) else { return };
    let (proxy, storage) = unreliable(&server, Duration::from_millis(200)).await;
    let (visitor, identity) = (create_anonymous(&storage).await, person());
    proxy.swallow(true);
    let (somebody, answer) = sign_in(&storage, &visitor.key, &identity).await;
    assert!(answer.is_err(), "{answer:?}");
    sleep(Duration::from_millis(700)).await;
    proxy.swallow(false);
    sleep(Duration::from_millis(700)).await;
    assert!(lives(&storage, &somebody.key).await);
    assert!(!lives(&storage, &visitor.key).await);
}

#[rocket::async_test]
async fn a_killed_server_is_answered_for_in_time_and_used_within_a_second_of_its_return() {
    let Some(mut server) = Private::start(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    let storage = Arc::new(RedisStorage::builder(&server.url()).unwrap().build().unwrap());
    let site = Site::builder().storage(storage.clone()).open().await;
    let ada = site.member(1).await;
    let token = ada.token();
    for _ in 0..2 {
        server.kill();
        let down = Instant::now();
        while down.elapsed() < Duration::from_secs(3) {
            let started = Instant::now();
            let answer = ada.get("/me").await;
            assert_eq!((answer.code(), &answer.cookies), (503, &Vec::new()));
            assert!(started.elapsed() < Duration::from_millis(2_300), "{:?}", started.elapsed());
            assert_eq!(site.browser().get("/public").await.code(), 200);
            sleep(Duration::from_millis(50)).await;
        }
        server.run();
        let back = Instant::now();
        while ada.get("/me").await.code() != 200 {
            assert!(back.elapsed() < Duration::from_secs(1), "it works within a second");
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(ada.post("/visit").await.code(), 200);
        assert_eq!(ada.token(), token);
    }
}

#[rocket::async_test]
async fn a_server_that_hangs_is_answered_for_in_time() {
    let Some(server) = Private::start(&[]) else { return };
    let storage = RedisStorage::builder(&server.url()).unwrap().timeout(Duration::from_millis(300)).build().unwrap();
    storage.setup().await.unwrap();
    let kept = create(&storage, &person()).await;
    let mut console = server.console();
    console.ask(&["CLIENT", "PAUSE", "1000", "ALL"]);
    let started = Instant::now();
    assert!(storage.load(&kept.key, NOW).await.is_err());
    assert!(add(&storage, &kept.key, 1).await.is_err());
    assert!(started.elapsed() < Duration::from_millis(900), "{:?}", started.elapsed());
    sleep(Duration::from_millis(1_500)).await;
    assert!((0..=1).contains(&visits(&storage, &kept.key).await));
}

#[rocket::async_test]
async fn a_launch_without_a_server_fails() {
    let Some(mut server) = Private::start(&[]) else { return };
    server.kill();
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    assert!(storage.load(&create_nothing(), NOW).await.is_err());
}

fn create_nothing() -> rocket_typed_session::Key {
    crate::scene::anonymous().key
}

#[rocket::async_test]
async fn a_pool_of_the_application_is_shared_and_stays_open() {
    let Some(server) = Private::start(&[]) else { return };
    let mut console = server.console();
    let storage = RedisStorage::builder(&server.url()).unwrap().pool_size(3).build().unwrap();
    storage.setup().await.unwrap();
    let clients = console.ask(&["CLIENT", "LIST"]).text();
    assert_eq!(clients.lines().count(), 4, "{clients}");
    storage.shutdown().await;
    sleep(Duration::from_millis(100)).await;
    assert_eq!(console.ask(&["CLIENT", "LIST"]).text().lines().count(), 1);
    assert_eq!(console.ask(&["PING"]), Reply::Text("PONG".into()));
}
