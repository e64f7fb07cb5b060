//! Keys with a prefix of their own on a Redis server, or in a Cluster.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::redis::RedisStorage;

use super::Place;
use crate::console::{Console, Reply};
use crate::servers::{address, unused};

/// Keys with a prefix of their own.
pub(super) struct Prefix {
    url: String,
    prefix: String,
}

impl Prefix {
    pub(super) fn new(variable: &'static str) -> Option<Self> {
        Some(Self { url: address(variable, "scripts/servers/redis")?, prefix: format!("{}:", unused()) })
    }
}

#[async_trait]
impl Place for Prefix {
    fn storage(&self) -> Arc<dyn SessionStorage> {
        let builder = RedisStorage::builder(&self.url).expect("an address of Redis");
        Arc::new(builder.prefix(&self.prefix).pool_size(2).build().expect("a storage"))
    }

    async fn dump(&self) -> Vec<u8> {
        let mut dump = String::new();
        for mut console in Console::all(&self.url) {
            for key in console.keys(&format!("{}*", self.prefix)) {
                dump.extend([&key, "\n", &read(&mut console, &key), "\n"]);
            }
        }
        dump.into_bytes()
    }

    async fn held(&self) -> Option<u64> {
        None
    }
}

fn read(console: &mut Console, key: &str) -> String {
    let words: &[&str] = match console.ask(&["TYPE", key]).text().as_str() {
        "hash" => &["HGETALL", key],
        "zset" => &["ZRANGE", key, "0", "-1", "WITHSCORES"],
        _ => &["GET", key],
    };
    match console.ask(words) {
        Reply::Text(text) => text,
        reply => reply.texts().join("\n"),
    }
}
