//! What a launch says of the server.

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session_tests::logs;

use crate::server::Private;

/// Returns what the launch of a storage warns of, by what it advises.
async fn advice(url: &str) -> Vec<&'static str> {
    logs::capture();
    let skipped = logs::lines().len();
    let storage = RedisStorage::builder(url).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    let lines: Vec<_> = logs::lines().into_iter().skip(skipped).filter(|line| line.starts_with("WARN")).collect();
    let advised = ["set `noeviction`", "set `appendonly yes`"].into_iter();
    advised.filter(|advice| lines.iter().any(|line| line.contains(advice))).collect()
}

async fn warns(server: Private, url: &str) {
    let mut console = server.console();
    assert!(advice(url).await.is_empty(), "what is lost when it dies is lost whole");
    console.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    console.ask(&["CONFIG", "SET", "save", "3600 1"]);
    assert_eq!(advice(url).await, ["set `noeviction`", "set `appendonly yes`"]);
    console.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    assert_eq!(advice(url).await, ["set `appendonly yes`"]);
    console.ask(&["CONFIG", "SET", "appendonly", "yes"]);
    assert!(advice(url).await.is_empty());
    console.ask(&["CONFIG", "SET", "appendonly", "no"]);
    console.ask(&["ACL", "SETUSER", "default", "-config"]);
    assert!(advice(url).await.is_empty(), "what it is not told, it does not say");
}

#[rocket::async_test]
async fn a_launch_warns_of_a_server_that_forgets_or_revives_sessions() {
    let Some(server) = Private::start(&[]) else { return };
    let url = server.url();
    warns(server, &url).await;
}

#[rocket::async_test]
async fn a_launch_warns_of_a_cluster_that_forgets_or_revives_sessions() {
    let Some(server) = Private::start_cluster() else { return };
    let url = server.url().replace("redis", "redis-cluster");
    warns(server, &url).await;
}
