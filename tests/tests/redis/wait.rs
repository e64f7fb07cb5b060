//! Writes that replicas must confirm.

use std::time::{Duration, Instant};

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::RedisStorage;

use crate::scene::{NOW, add, create, lives, person, sign_in, visits};
use crate::server::{CLUSTER, Private, SENTINEL, builder, url};

#[rocket::async_test]
async fn a_write_that_too_few_replicas_confirm_is_an_error_and_not_undone() {
    let Some(server) = Private::start(&[]) else { return };
    let builder = RedisStorage::builder(&server.url()).unwrap();
    let storage = builder.clone().build().unwrap();
    storage.setup().await.unwrap();
    let identity = person();
    let kept = create(&storage, &identity).await;
    let waiting = builder.wait(1, Duration::from_millis(100)).build().unwrap();
    let started = Instant::now();
    // The epoch is there already: nothing is written by the setup.
    waiting.setup().await.unwrap();
    let answer = add(&waiting, &kept.key, 1).await;
    assert!(answer.is_err(), "{answer:?}");
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(visits(&waiting, &kept.key).await, 1);
    assert_eq!(waiting.index().unwrap().list(&identity, NOW).await.unwrap().len(), 1);
}

async fn confirmed(url: &str) {
    let storage = builder(url).wait(1, Duration::from_secs(1)).build().unwrap();
    storage.setup().await.unwrap();
    let (one, two) = (person(), person());
    let kept = create(&storage, &one).await;
    for _ in 0..20 {
        add(&storage, &kept.key, 1).await.unwrap();
    }
    let (moved, answer) = sign_in(&storage, &kept.key, &two).await;
    answer.unwrap();
    assert_eq!(visits(&storage, &moved.key).await, 20);
    storage.delete(&moved.key, NOW).await.unwrap();
    assert!(!lives(&storage, &moved.key).await);
}

#[rocket::async_test]
async fn a_replica_under_sentinels_confirms() {
    let Some(url) = url(SENTINEL) else { return };
    confirmed(&url).await;
}

#[rocket::async_test]
async fn the_replicas_of_a_cluster_confirm() {
    let Some(url) = url(CLUSTER) else { return };
    confirmed(&url).await;
}

#[rocket::async_test]
async fn a_cluster_of_too_few_replicas_does_not_confirm() {
    let Some(url) = url(CLUSTER) else { return };
    let builder = builder(&url);
    let storage = builder.clone().build().unwrap();
    storage.setup().await.unwrap();
    let waiting = builder.wait(2, Duration::from_millis(50)).build().unwrap();
    waiting.setup().await.unwrap();
    for _ in 0..5 {
        let kept = create(&storage, &person()).await;
        assert!(add(&waiting, &kept.key, 1).await.is_err());
        assert_eq!(visits(&storage, &kept.key).await, 1);
    }
}
