//! Primaries that die, with and without replicas that must confirm.

use std::env::temp_dir;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, process};

use rocket::tokio::spawn;
use rocket::tokio::time::sleep;
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::storage::{Commit, Created, Loaded, SessionStorage};

use crate::scene::{Kept, NOW, add, drawn, person, record};
use crate::server::{Console, SINGLE, builder, url};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/servers/redis");

/// Servers of one test's own, which may be killed.
struct Servers {
    dir: PathBuf,
    urls: Vec<String>,
}

impl Servers {
    /// Starts them, if tests have any.
    fn start(name: &str) -> Option<Self> {
        url(SINGLE)?;
        let dir = temp_dir().join(format!("session-{name}-{}", process::id()));
        let output = Command::new(SCRIPT).arg("start").arg(&dir).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        let urls = lines.lines().map(|line| line.split_once('=').unwrap().1.to_owned()).collect();
        Some(Self { dir, urls })
    }

    fn cluster(&self) -> &str {
        &self.urls[1]
    }

    fn sentinel(&self) -> &str {
        &self.urls[2]
    }

    fn kill(&self, port: u16) {
        let pid = fs::read_to_string(self.dir.join(port.to_string()).join("pid")).unwrap();
        assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = Command::new(SCRIPT).arg("stop").arg(&self.dir).status();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// What one client was told.
#[derive(Default)]
struct Told {
    /// The sessions that live, and how many additions to each are acknowledged, and unknown.
    living: Vec<(Kept, i64, i64)>,
    ended: Vec<Kept>,
    turns: u64,
    errors: u64,
    /// The longest time that an operation took.
    slowest: Duration,
}

/// Signs in, writes and signs out until it is told to stop.
async fn client(storage: Arc<RedisStorage>, stop: Arc<AtomicBool>) -> Told {
    let mut told = Told::default();
    while !stop.load(Ordering::SeqCst) {
        let started = Instant::now();
        told.errors += u64::from(!turn(&storage, &mut told).await);
        told.slowest = told.slowest.max(started.elapsed());
        sleep(Duration::from_millis(10)).await;
    }
    told
}

async fn turn(storage: &RedisStorage, told: &mut Told) -> bool {
    let kept = drawn(person().tag());
    match storage.create(&kept.key, record(kept.handle, true), NOW).await {
        Ok(created) => assert!(matches!(created, Created::Created { .. })),
        Err(_) => return false,
    }
    told.living.push((kept, 0, 0));
    let visited = add(storage, &kept.key, 1).await;
    let last = told.living.len() - 1;
    match &visited {
        Ok(Commit::Committed { .. }) => told.living[last].1 += 1,
        // What was lost by the failover is counted at the end.
        Ok(_) => {}
        Err(_) => told.living[last].2 += 1,
    }
    told.turns += 1;
    if told.turns % 2 == 0 {
        let (kept, ..) = told.living.swap_remove(last / 2);
        match storage.delete(&kept.key, NOW).await {
            Ok(_) => told.ended.push(kept),
            // Whether it is ended is unknown.
            Err(_) => return false,
        }
    }
    visited.is_ok()
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Losses {
    sessions: usize,
    additions: i64,
    sign_outs: usize,
}

/// Loads a session, as soon as that is possible again.
async fn loaded(storage: &RedisStorage, kept: &Kept) -> Loaded {
    let started = Instant::now();
    loop {
        match storage.load(&kept.key, NOW).await {
            Ok(loaded) => return loaded,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(30), "{error:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

async fn losses(storage: &RedisStorage, all: &[Told]) -> Losses {
    let mut losses = Losses::default();
    for told in all {
        for (kept, acknowledged, unknown) in &told.living {
            match loaded(storage, kept).await {
                Loaded::Live { record, .. } => {
                    let visits: i64 = record.fields().unwrap()["visits"].json().parse().unwrap();
                    assert!(visits <= acknowledged + unknown, "counted twice");
                    losses.additions += (acknowledged - visits).max(0);
                }
                _ => losses.sessions += 1,
            }
        }
        for kept in &told.ended {
            losses.sign_outs += usize::from(matches!(loaded(storage, kept).await, Loaded::Live { .. }));
        }
    }
    losses
}

/// Kills a primary under fifty clients. Returns what was acknowledged and lost.
async fn fail_over(name: &str, builder: RedisBuilder, kill: impl FnOnce()) -> Losses {
    let storage = Arc::new(builder.build().unwrap());
    storage.setup().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..50).map(|_| spawn(client(storage.clone(), stop.clone()))).collect();
    sleep(Duration::from_millis(700)).await;
    kill();
    sleep(Duration::from_secs(7)).await;
    stop.store(true, Ordering::SeqCst);
    let mut all = Vec::new();
    for client in clients {
        all.push(client.await.unwrap());
    }
    let losses = losses(&storage, &all).await;
    let (living, ended): (usize, usize) =
        all.iter().fold((0, 0), |(l, e), told| (l + told.living.len(), e + told.ended.len()));
    let errors: u64 = all.iter().map(|told| told.errors).sum();
    let slowest = all.iter().map(|told| told.slowest).max().unwrap();
    println!("{name}: {living} sessions live, {ended} signed out, {errors} errors, slowest {slowest:?}, lost {losses:?}");
    assert!(living > 100 && ended > 100 && errors > 0);
    assert!(slowest < Duration::from_secs(7));
    storage.shutdown().await;
    losses
}

/// Returns the port of the first primary of a cluster.
fn first_primary(url: &str) -> u16 {
    let nodes = Console::of(url).ask(&["CLUSTER", "NODES"]).text();
    let line = nodes.lines().find(|line| line.contains("master") && !line.contains("myself")).unwrap();
    let address = line.split(' ').nth(1).unwrap().split('@').next().unwrap();
    address.rsplit(':').next().unwrap().parse().unwrap()
}

#[rocket::async_test]
async fn nothing_confirmed_is_lost_when_a_primary_of_a_cluster_dies() {
    let Some(servers) = Servers::start("confirmed") else { return };
    let builder = builder(servers.cluster()).wait(1, Duration::from_millis(500));
    let port = first_primary(servers.cluster());
    assert_eq!(fail_over("a cluster, confirmed", builder, || servers.kill(port)).await, Losses::default());
}

#[rocket::async_test]
async fn what_a_cluster_loses_without_confirmation_is_counted() {
    let Some(servers) = Servers::start("unconfirmed") else { return };
    let port = first_primary(servers.cluster());
    // It may be nothing: the replica on the same machine is close behind.
    fail_over("a cluster, not confirmed", builder(servers.cluster()), || servers.kill(port)).await;
}

#[rocket::async_test]
async fn nothing_confirmed_is_lost_when_a_primary_under_sentinels_dies() {
    let Some(servers) = Servers::start("sentinel") else { return };
    let builder = builder(servers.sentinel()).wait(1, Duration::from_millis(500));
    let host = servers.sentinel().split("://").nth(1).unwrap().split('?').next().unwrap();
    let mut sentinel = Console::of(&format!("redis://{host}"));
    let primary = sentinel.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]).texts();
    let kill = || servers.kill(primary[1].parse().unwrap());
    // Afterwards there is no replica to confirm anything, but reads answer.
    assert_eq!(fail_over("sentinels, confirmed", builder, kill).await, Losses::default());
}
