//! Servers that lose scripts, answers, or their life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rocket::futures::future::join_all;
use rocket::tokio::spawn;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::redis::fred::interfaces::ClientLike;
use rocket_typed_session::storage::redis::fred::prelude::{Config, Pool, ReconnectPolicy};
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::storage::{Commit, SessionStorage};
use rocket_typed_session::{Key, StorageError};
use rocket_typed_session_tests::servers::unused_port;

use crate::proxy::Proxy;
use crate::scene::{NOW, add, anonymous, create, create_anonymous, lives, person, sign_in, visits};
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
async fn unreliable(server: &Private, limit: Duration) -> (Arc<Proxy>, RedisStorage) {
    let proxy = Proxy::before(server.port).await;
    let storage = RedisStorage::builder(&proxy.url()).unwrap().pool_size(1).timeout(limit).build().unwrap();
    storage.setup().await.unwrap();
    (proxy, storage)
}

/// No answer takes so long that comes at all.
const HANGING: Duration = Duration::from_mins(1);

/// Waits until a storage answers again.
async fn reconnected(storage: &RedisStorage, key: &Key) {
    let waiting = async {
        while storage.load(key, NOW).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(HANGING, waiting).await.expect("a connection");
}

/// Adds eight times, and loses every second answer.
async fn adds_once(lose: impl Fn(&Proxy)) {
    let Some(server) = Private::start(&[]) else { return };
    let (proxy, storage) = unreliable(&server, Duration::from_millis(500)).await;
    let kept = create(&storage, &person()).await;
    let (mut acknowledged, mut unknown) = (0, 0);
    for round in 0..8 {
        if round % 2 == 1 {
            lose(&proxy);
        }
        match timeout(HANGING, add(&storage, &kept.key, 1)).await.expect("an answer") {
            Ok(answer) => {
                assert_eq!(answer, Commit::DONE);
                acknowledged += 1;
            }
            Err(error) => {
                assert!(matches!(error, StorageError::Timeout | StorageError::Unavailable(_)), "{error:?}");
                unknown += 1;
            }
        }
        // Long enough for the client to do whatever it does once it is connected anew.
        reconnected(&storage, &kept.key).await;
        sleep(Duration::from_millis(300)).await;
    }
    assert_eq!((acknowledged, unknown), (4, 4));
    // The server had them all: each counts once.
    assert_eq!(visits(&storage, &kept.key).await, 8);
}

#[rocket::async_test]
async fn an_addition_whose_answer_is_lost_counts_once() {
    adds_once(Proxy::swallow).await;
}

#[rocket::async_test]
async fn an_addition_whose_connection_is_lost_counts_once() {
    adds_once(Proxy::cut).await;
}

#[rocket::async_test]
async fn a_connection_that_answers_nothing_is_given_up_however_much_is_sent_on_it() {
    let Some(server) = Private::start(&[]) else { return };
    let (proxy, storage) = unreliable(&server, Duration::from_millis(300)).await;
    let storage = Arc::new(storage);
    let kept = create(&*storage, &person()).await;
    proxy.swallow();
    let started = Instant::now();
    let mut waiting = Vec::new();
    while started.elapsed() < Duration::from_secs(1) {
        let storage = storage.clone();
        // As a request whose time is over stops waiting.
        let budget = Duration::from_millis(250);
        waiting.push(spawn(async move { timeout(budget, storage.load(&kept.key, NOW)).await }));
        sleep(Duration::from_millis(10)).await;
    }
    assert!(lives(&*storage, &kept.key).await);
    drop(waiting);
}

#[rocket::async_test]
async fn a_rotation_whose_answer_is_lost_is_unknown_and_not_gone() {
    let Some(server) = Private::start(&[]) else { return };
    let (proxy, storage) = unreliable(&server, Duration::from_millis(200)).await;
    let (visitor, other, identity) = (create_anonymous(&storage).await, create_anonymous(&storage).await, person());
    // The server has the script by now.
    sign_in(&storage, &other.key, &identity).await.1.unwrap();
    proxy.swallow();
    let (somebody, answer) = sign_in(&storage, &visitor.key, &identity).await;
    assert!(answer.is_err(), "{answer:?}");
    sleep(Duration::from_millis(700)).await;
    assert!(lives(&storage, &somebody.key).await);
    assert!(!lives(&storage, &visitor.key).await);
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
async fn without_a_connection_everything_fails_at_once() {
    let Some(mut server) = Private::start(&[]) else { return };
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    let key = anonymous().key;
    assert!(storage.load(&key, NOW).await.is_err(), "it is not set up");
    storage.setup().await.unwrap();
    server.kill();
    sleep(Duration::from_millis(500)).await;
    let started = Instant::now();
    for _ in 0..100 {
        assert!(storage.load(&key, NOW).await.is_err());
        assert!(add(&storage, &key, 1).await.is_err());
    }
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}

#[rocket::async_test]
async fn a_shutdown_closes_the_connections() {
    let Some(server) = Private::start(&[]) else { return };
    let mut console = server.console();
    let storage = RedisStorage::builder(&server.url()).unwrap().pool_size(3).build().unwrap();
    storage.setup().await.unwrap();
    let clients = console.ask(&["CLIENT", "LIST"]).text();
    assert_eq!(clients.lines().count(), 4, "{clients}");
    storage.shutdown().await;
    let closing = async {
        while console.ask(&["CLIENT", "LIST"]).text().lines().count() > 1 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(HANGING, closing).await.expect("closed connections");
    assert_eq!(console.ask(&["PING"]), Reply::Text("PONG".into()));
}

#[rocket::async_test]
async fn a_pool_of_the_application_is_shared_and_stays_open() {
    let Some(server) = Private::start(&[]) else { return };
    let config = Config::from_url(&server.url()).unwrap();
    // As an application may have it: with commands that are sent three times.
    let pool = Pool::new(config, None, None, Some(ReconnectPolicy::new_constant(0, 100)), 2).unwrap();
    pool.init().await.unwrap();
    let storage = RedisBuilder::from_pool(pool.clone()).build().unwrap();
    storage.setup().await.unwrap();
    let kept = create(&storage, &person()).await;
    add(&storage, &kept.key, 1).await.unwrap();
    storage.shutdown().await;
    assert!(lives(&storage, &kept.key).await);
    pool.quit().await.unwrap();
}

#[rocket::async_test]
async fn a_configuration_of_the_client_is_taken() {
    let Some(server) = Private::start(&["--requirepass", "hunter2"]) else { return };
    let mut config = Config::from_url(&server.url()).unwrap();
    config.password = Some("hunter2".into());
    let storage = RedisBuilder::from_config(config).prefix("app:").build().unwrap();
    storage.setup().await.unwrap();
    let kept = create(&storage, &person()).await;
    assert!(lives(&storage, &kept.key).await);
    assert!(!format!("{storage:?}").contains("hunter2"));
}

#[rocket::async_test]
async fn a_user_with_a_password_is_taken_from_the_address() {
    let Some(server) = Private::start(&[]) else { return };
    let rule = ["ACL", "SETUSER", "ada", "on", ">p@ss", "~session:*", "+@all"];
    server.console().ask(&rule);
    server.console().ask(&["ACL", "SETUSER", "default", "off"]);
    let url = format!("redis://ada:p%40ss@127.0.0.1:{}?pool=1", server.port);
    let storage = RedisStorage::builder(&url).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    let kept = create(&storage, &person()).await;
    add(&storage, &kept.key, 1).await.unwrap();
    assert_eq!(visits(&storage, &kept.key).await, 1);
}

#[rocket::async_test]
async fn a_replica_that_refuses_many_writes_is_left_once() {
    let Some(server) = Private::start(&[]) else { return };
    let storage = RedisStorage::builder(&server.url()).unwrap().pool_size(1).build().unwrap();
    storage.setup().await.unwrap();
    let mut console = server.console();
    let kept = create(&storage, &person()).await;
    let mut connections = || -> u128 {
        let stats = console.ask(&["INFO", "stats"]).text();
        let line = stats.lines().find_map(|line| line.strip_prefix("total_connections_received:"));
        line.unwrap().parse().unwrap()
    };
    server.console().ask(&["REPLICAOF", "127.0.0.1", &unused_port().to_string()]);
    let (before, started) = (connections(), Instant::now());
    let refused = join_all((0..50).map(|_| async { storage.delete(&kept.key, NOW).await.is_err() })).await;
    assert!(refused.iter().all(|refused| *refused));
    reconnected(&storage, &kept.key).await;
    let made = connections() - before;
    assert!(made <= 1 + started.elapsed().as_millis() / 500, "{made} connections");
}
