//! The addresses of storages, which may hold passwords.

use rocket::figment::providers::Serialized;
use rocket::local::asynchronous::Client;
use rocket_typed_session::{Config, Sessions};
use rocket_typed_session_tests::{User, figment, logs};
use serde_json::json;

const PASSWORD: &str = "correct-horse-battery";

/// Addresses with a password: where nobody listens, and such as can not be read.
const ADDRESSES: [&str; 11] = [
    "redis://ada:PASSWORD@127.0.0.1:1?connect_timeout=100ms",
    "redis://ada:PASSWORD@127.0.0.1:port",
    "redis://ada:PASSWORD@127.0.0.1:1?nonsense=PASSWORD",
    "redis-cluster://ada:PASSWORD@127.0.0.1:1?connect_timeout=100ms",
    "redis-sentinel://ada:PASSWORD@127.0.0.1:1?name=main&sentinel_password=PASSWORD&connect_timeout=100ms",
    "postgres://ada:PASSWORD@127.0.0.1:1/shop",
    "postgres://ada:PASSWORD@127.0.0.1:port/shop",
    "mysql://ada:PASSWORD@127.0.0.1:1/shop",
    "mysql://ada:PASSWORD@[::1/shop",
    "sqlite:///nowhere/PASSWORD.db",
    "ftp://ada:PASSWORD@127.0.0.1/",
];

/// T-06: at every level, of every crate that is asked.
#[rocket::async_test]
async fn t_06_the_password_of_an_address_is_in_no_log_and_no_debug() {
    logs::capture();
    let mut launches = Vec::new();
    for address in ADDRESSES {
        let storage = address.replace("PASSWORD", PASSWORD);
        let figment = figment().merge(Serialized::global("session", json!({ "storage": storage, "timeout": "200ms" })));
        match Config::from_figment(&figment, "session") {
            Ok(config) => {
                let builder = Sessions::<User>::builder().config(config.clone());
                assert_hidden(&format!("{config:?} {builder:?}"));
            }

            Err(error) => assert_hidden(&format!("{error} {error:?}")),
        }
        launches
            .push(async move { Client::untracked(rocket::custom(figment).attach(Sessions::<User>::fairing())).await });
    }
    for (refused, address) in rocket::futures::future::join_all(launches).await.into_iter().zip(ADDRESSES) {
        let error = refused.err().unwrap_or_else(|| panic!("{address} is launched"));
        assert_hidden(&format!("{error} {:?}", error.kind()));
    }
    let lines = logs::lines();
    let own = lines.iter().filter(|line| line.starts_with("ERROR rocket_typed_session")).count();
    assert_eq!(own, ADDRESSES.len(), "{lines:#?}");
    assert_hidden(&lines.concat());
}

#[track_caller]
fn assert_hidden(text: &str) {
    assert!(!text.contains(PASSWORD), "{text}");
}
