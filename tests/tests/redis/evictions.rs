//! A server that forgets what it has no room for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket_typed_session::Identity;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Created, Loaded, SessionStorage};

use crate::scene::{Kept, NOW, drawn, lives, person, record};
use crate::server::{Console, Private};

/// Sessions that were made on a server without room, and how many of them were found how before they were ended.
#[derive(Debug, Default)]
struct Evicted {
    /// The sessions that were to be ended.
    asked: Vec<Kept>,
    /// The hash is there.
    hashes: usize,
    /// The hash is there, and its index is not.
    orphans: usize,
    /// The hash was there still when all were ended.
    ended: usize,
    unknown: usize,
}

fn name(kept: &Kept) -> String {
    BASE64.encode(kept.key.hash())
}

fn key(identity: &Identity, end: &str) -> String {
    format!("session:{{{}}}:{end}", BASE64.encode(identity.tag().as_bytes()))
}

fn exists(console: &mut Console, key: &str) -> bool {
    console.ask(&["EXISTS", key]).text() == "1"
}

/// Makes three sessions for each, and fills the server with what is nobody's. Returns those that were made.
async fn fill(storage: &RedisStorage, console: &mut Console, people: &[Identity]) -> Vec<Vec<Kept>> {
    let mut all = Vec::new();
    for identity in people {
        let mut fresh = Vec::new();
        for _ in 0..3 {
            let kept = drawn(identity.tag());
            let created = storage.create(&kept.key, record(kept.handle, true), NOW).await;
            if matches!(created, Ok(Created::Created { .. })) {
                fresh.push(kept);
            }
            console.ask(&["SET", &format!("bulk:{:?}", kept.handle), &"x".repeat(4_000)]);
        }
        all.push(fresh);
    }
    all
}

impl Evicted {
    /// Ends all sessions of somebody, after a look at what the server has of them.
    async fn end(&mut self, storage: &RedisStorage, console: &mut Console, identity: &Identity, fresh: Vec<Kept>) {
        let indexed = exists(console, &key(identity, "i"));
        let mut there = Vec::new();
        for kept in &fresh {
            if exists(console, &key(identity, &name(kept))) {
                there.push(*kept);
            }
        }
        self.hashes += there.len();
        if !indexed {
            self.orphans += there.len();
        }
        match storage.index().unwrap().delete_all(identity, None, NOW).await {
            Ok(_) => {
                for kept in &there {
                    let loaded = storage.load(&kept.key, NOW).await.unwrap();
                    assert!(matches!(loaded, Loaded::Absent), "{loaded:?}");
                }
                self.ended += there.len();
            }
            Err(_) => self.unknown += 1,
        }
        self.asked.extend(fresh);
    }
}

#[rocket::async_test]
async fn ending_all_holds_while_the_server_evicts() {
    let options = ["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random"];
    let Some(server) = Private::start(&options) else { return };
    let storage = RedisStorage::builder(&server.url()).unwrap().build().unwrap();
    storage.setup().await.unwrap();
    let mut console = server.console();
    let mut evicted = Evicted::default();
    let people: Vec<_> = (0..40).map(|_| person()).collect();
    for _ in 0..6 {
        let all = fill(&storage, &mut console, &people).await;
        for (identity, fresh) in people.iter().zip(all) {
            evicted.end(&storage, &mut console, identity, fresh).await;
        }
        for kept in &evicted.asked {
            assert!(!lives(&storage, &kept.key).await, "revived");
        }
    }
    let stats = console.ask(&["INFO", "stats"]).text();
    let number = stats.lines().find_map(|line| line.strip_prefix("evicted_keys:")).unwrap();
    println!(
        "{number} keys evicted; {} of {} sessions had their hash, {} of them no index; {} ended, {} answers unknown",
        evicted.hashes,
        evicted.asked.len(),
        evicted.orphans,
        evicted.ended,
        evicted.unknown
    );
    assert!(number.parse::<u64>().unwrap() > 100, "the server evicted {number}");
    assert!(evicted.asked.len() > 500);
    assert!(evicted.hashes > 0 && evicted.orphans > 0 && evicted.ended > 0);
}
