//! What is acknowledged while the only replica of a primary is cut off, and then the primary dies.

use std::process::Command;
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::storage::{Created, Loaded, SessionStorage};
use rocket_typed_session::{Identity, StorageError};

use crate::failover::{Pair, Servers, a_pair, loaded};
use crate::scene::{Kept, NOW, add, drawn, person, record, visits};
use crate::server::{Console, Reply, builder};

impl Pair {
    /// Cuts the replica off: of what is written from now on it has nothing.
    fn cut(&self) {
        signal("-STOP", &self.replica);
        Console::new(self.port).ask(&["CLIENT", "KILL", "TYPE", "replica"]);
    }

    /// Kills the primary, so that the replica takes its place.
    fn replace(&self) {
        signal("-KILL", &self.primary);
        signal("-CONT", &self.replica);
    }
}

fn signal(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

/// Somebody, whose session is on the primary that dies.
struct Somebody {
    identity: Identity,
    kept: Kept,
    /// Whether all sessions are ended at once, not the one by its key.
    all: bool,
}

impl Somebody {
    /// Signs in and visits, until both are acknowledged.
    async fn acknowledged(storage: &RedisStorage, console: &mut Console, all: bool) -> Self {
        loop {
            let identity = person();
            let kept = drawn(identity.tag());
            if matches!(console.ask(&["EXISTS", &mark(&identity)]), Reply::Error(_)) {
                // Another primary has this slot.
                continue;
            }
            let created = storage.create(&kept.key, record(kept.handle, true), NOW).await;
            if matches!(created, Ok(Created::Created { .. })) && add(storage, &kept.key, 1).await.is_ok() {
                return Self { identity, kept, all };
            }
        }
    }

    async fn sign_out(&self, storage: &RedisStorage) -> Result<bool, StorageError> {
        if self.all {
            let ended = storage.index().unwrap().delete_all(&self.identity, None, NOW).await?;
            Ok(ended == 1)
        } else {
            storage.delete(&self.kept.key, NOW).await
        }
    }

    async fn lives(&self, storage: &RedisStorage) -> bool {
        matches!(loaded(storage, &self.kept).await, Loaded::Live { .. })
    }
}

/// Returns a key in the slot of an identity that nobody else uses.
fn mark(identity: &Identity) -> String {
    use base64::Engine;
    let tag = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(identity.tag().as_bytes());
    format!("mark:{{{tag}}}")
}

/// Twenty who visited, and twenty who signed out, half of them everywhere; all of it acknowledged.
struct Before {
    living: Vec<Somebody>,
    ended: Vec<Somebody>,
}

impl Before {
    async fn acknowledged(storage: &RedisStorage, console: &mut Console) -> Self {
        let (mut living, mut ended) = (Vec::new(), Vec::new());
        while living.len() < 20 {
            living.push(Somebody::acknowledged(storage, console, living.len() % 2 == 0).await);
        }
        while ended.len() < 20 {
            let somebody = Somebody::acknowledged(storage, console, ended.len() % 2 == 0).await;
            if let Ok(existed) = somebody.sign_out(storage).await {
                assert!(existed);
                ended.push(somebody);
            }
        }
        Self { living, ended }
    }

    async fn assert_kept(&self, storage: &RedisStorage) {
        for somebody in &self.ended {
            assert!(!somebody.lives(storage).await, "signed in after an acknowledged sign-out");
        }
        for somebody in &self.living {
            assert!(somebody.lives(storage).await);
            assert_eq!(visits(storage, &somebody.kept.key).await, 1);
        }
    }
}

/// Waits until the replica has everything that was written.
fn replicated(console: &mut Console, somebody: &Somebody) {
    console.ask(&["SET", &mark(&somebody.identity), "1"]);
    assert_eq!(console.ask(&["WAIT", "1", "0"]).text(), "1");
}

/// Returns how many were signed out everywhere, and how many from the one session, of those who live.
async fn revived(storage: &RedisStorage, all: &[Somebody]) -> (usize, usize) {
    let mut revived = (0, 0);
    for somebody in all {
        if somebody.lives(storage).await {
            *(if somebody.all { &mut revived.0 } else { &mut revived.1 }) += 1;
        }
    }
    revived
}

#[rocket::async_test]
async fn a_sign_out_that_no_replica_has_is_undone_when_the_primary_dies() {
    let Some(servers) = Servers::start() else { return };
    let (primary, replica) = a_pair(servers.cluster());
    let (pair, mut console) = (servers.pair(primary, replica), Console::new(primary));
    let storage = builder(servers.cluster()).build().unwrap();
    storage.setup().await.unwrap();
    let before = Before::acknowledged(&storage, &mut console).await;
    let mut leaving = Vec::new();
    for number in 0..20 {
        leaving.push(Somebody::acknowledged(&storage, &mut console, number % 2 == 0).await);
    }
    replicated(&mut console, &leaving[0]);
    pair.cut();
    for somebody in &leaving {
        assert!(somebody.sign_out(&storage).await.unwrap());
        assert!(!somebody.lives(&storage).await);
    }
    pair.replace();
    let (everywhere, once) = revived(&storage, &leaving).await;
    println!("of 20 acknowledged sign-outs were undone: {once} of one session, {everywhere} of all of somebody's");
    assert_eq!((everywhere, once), (10, 10));
    before.assert_kept(&storage).await;
    storage.shutdown().await;
}

#[rocket::async_test]
async fn no_sign_out_is_acknowledged_that_no_replica_confirms() {
    let Some(servers) = Servers::start() else { return };
    let (primary, replica) = a_pair(servers.cluster());
    let (pair, mut console) = (servers.pair(primary, replica), Console::new(primary));
    let storage = builder(servers.cluster()).pool_size(20).wait(1, Duration::from_secs(1)).build().unwrap();
    storage.setup().await.unwrap();
    let before = Before::acknowledged(&storage, &mut console).await;
    let mut leaving = Vec::new();
    for number in 0..8 {
        leaving.push(Somebody::acknowledged(&storage, &mut console, number % 2 == 0).await);
    }
    pair.cut();
    for answer in join_all(leaving.iter().map(|somebody| somebody.sign_out(&storage))).await {
        assert!(answer.is_err(), "{answer:?}");
    }
    pair.replace();
    before.assert_kept(&storage).await;
    let (everywhere, once) = revived(&storage, &leaving).await;
    println!("of 8 sign-outs without an acknowledgement were undone: {once} of one session, {everywhere} of all");
    storage.shutdown().await;
}
