//! Primaries that die, with and without replicas that must confirm.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rocket::tokio::spawn;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::Identity;
use rocket_typed_session::storage::redis::{RedisBuilder, RedisStorage};
use rocket_typed_session::storage::{Commit, Created, Loaded, SessionStorage};
use rocket_typed_session_tests::servers::Own;

use crate::scene::{Kept, NOW, add, create, drawn, person, record};
use crate::server::{Console, SINGLE, builder, url};

/// Servers of one test's own, which may be killed.
pub(crate) struct Servers {
    pub(crate) own: Own,
    urls: Vec<String>,
}

impl Servers {
    /// Starts them, if tests have any.
    pub(crate) fn start() -> Option<Self> {
        url(SINGLE)?;
        let own = Own::new("redis");
        let urls = own.start(None);
        Some(Self { own, urls })
    }

    pub(crate) fn cluster(&self) -> &str {
        &self.urls[1]
    }

    pub(crate) fn sentinel(&self) -> &str {
        &self.urls[2]
    }

    pub(crate) fn pair(&self, primary: u16, replica: u16) -> Pair {
        let pid = |port: u16| {
            fs::read_to_string(self.own.directory().join(port.to_string()).join("pid")).unwrap().trim().to_owned()
        };
        Pair { primary: pid(primary), replica: pid(replica), port: primary }
    }
}

/// A primary and its replica, by their process ids.
pub(crate) struct Pair {
    pub(crate) primary: String,
    pub(crate) replica: String,
    pub(crate) port: u16,
}

impl Pair {
    /// Kills the primary while its replica is behind by what clients do in the meantime.
    async fn kill(&self, clients: &Clients) {
        let signal = |signal, pid| assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
        signal("-STOP", &self.replica);
        // What was sent on the link already, the replica would read still.
        Console::new(self.port).ask(&["CLIENT", "KILL", "TYPE", "replica"]);
        clients.take_turns(200).await;
        signal("-KILL", &self.primary);
        signal("-CONT", &self.replica);
    }
}

/// No wait takes so long that comes to an end.
const HANGING: Duration = Duration::from_mins(1);

/// Waits until something is so.
async fn until(what: &str, so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(HANGING, waiting).await.is_ok(), "{what}");
}

/// What many clients do until they are told to stop.
#[derive(Default)]
struct Clients {
    stop: AtomicBool,
    turns: AtomicU64,
    errors: AtomicU64,
    signed_out: AtomicU64,
}

impl Clients {
    /// Waits until they have had so many more turns, good or bad.
    async fn take_turns(&self, more: u64) {
        let enough = self.turns.load(Ordering::SeqCst) + more;
        until("clients are answered", || self.turns.load(Ordering::SeqCst) >= enough).await;
    }

    /// Signs in, writes and signs out until it is told to stop.
    async fn run(self: Arc<Self>, storage: Arc<RedisStorage>) -> Told {
        let mut told = Told::default();
        while !self.stop.load(Ordering::SeqCst) {
            let (started, ended) = (Instant::now(), told.ended.len());
            let good = turn(&storage, &mut told).await;
            told.slowest = told.slowest.max(started.elapsed());
            self.turns.fetch_add(1, Ordering::SeqCst);
            self.errors.fetch_add(u64::from(!good), Ordering::SeqCst);
            self.signed_out.fetch_add((told.ended.len() - ended) as u64, Ordering::SeqCst);
            sleep(PAUSE).await;
        }
        told
    }

    /// Returns how late this process was at most to notice that a time was over.
    async fn lateness(self: Arc<Self>) -> Duration {
        let mut most = Duration::ZERO;
        while !self.stop.load(Ordering::SeqCst) {
            let started = Instant::now();
            sleep(PAUSE).await;
            most = most.max(started.elapsed().saturating_sub(PAUSE));
        }
        most
    }
}

const PAUSE: Duration = Duration::from_millis(10);

/// What one client was told.
#[derive(Default)]
struct Told {
    /// The sessions that live, and how many additions to each are acknowledged, and unknown.
    living: Vec<(Identity, Kept, i64, i64)>,
    ended: Vec<Kept>,
    turns: u64,
    /// The longest time that a turn took.
    slowest: Duration,
}

async fn turn(storage: &RedisStorage, told: &mut Told) -> bool {
    let identity = person();
    let kept = drawn(identity.tag());
    match storage.create(&kept.key, record(kept.handle, true), NOW).await {
        Ok(created) => assert!(matches!(created, Created::Created { .. })),
        Err(_) => return false,
    }
    told.living.push((identity, kept, 0, 0));
    let visited = add(storage, &kept.key, 1).await;
    let last = told.living.len() - 1;
    match &visited {
        Ok(Commit::Committed { .. }) => told.living[last].2 += 1,
        // What was lost by the failover is counted at the end.
        Ok(_) => {}
        Err(_) => told.living[last].3 += 1,
    }
    told.turns += 1;
    if told.turns.is_multiple_of(2) {
        let (identity, kept, ..) = told.living.swap_remove(last / 2);
        let ended = if told.turns.is_multiple_of(4) {
            storage.index().unwrap().delete_all(&identity, None, NOW).await.map(drop)
        } else {
            storage.delete(&kept.key, NOW).await.map(drop)
        };
        match ended {
            Ok(()) => told.ended.push(kept),
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
pub(crate) async fn loaded(storage: &RedisStorage, kept: &Kept) -> Loaded {
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
        for (_, kept, acknowledged, unknown) in &told.living {
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
async fn fail_over(name: &str, builder: RedisBuilder, pair: Pair) -> Losses {
    let storage = Arc::new(builder.build().unwrap());
    storage.setup().await.unwrap();
    let mut probes = Vec::new();
    for _ in 0..30 {
        probes.push(create(&*storage, &person()).await);
    }
    let clients = Arc::new(Clients::default());
    let running: Vec<_> = (0..50).map(|_| spawn(clients.clone().run(storage.clone()))).collect();
    let lateness = spawn(clients.clone().lateness());
    until("clients sign out", || clients.signed_out.load(Ordering::SeqCst) > 100).await;
    pair.kill(&clients).await;
    let errors = clients.errors.load(Ordering::SeqCst);
    until("some notice", || clients.errors.load(Ordering::SeqCst) > errors).await;
    for probe in &probes {
        loaded(&storage, probe).await;
    }
    clients.take_turns(200).await;
    clients.stop.store(true, Ordering::SeqCst);
    let mut all = Vec::new();
    for client in running {
        all.push(timeout(HANGING, client).await.expect("an answer").unwrap());
    }
    let losses = losses(&storage, &all).await;
    let (living, ended): (usize, usize) =
        all.iter().fold((0, 0), |(l, e), told| (l + told.living.len(), e + told.ended.len()));
    let slowest = all.iter().map(|told| told.slowest).max().unwrap();
    let lateness = lateness.await.unwrap();
    println!(
        "{name}: {living} sessions live, {ended} signed out, {} errors, slowest {slowest:?} with a timer late by \
         {lateness:?}, lost {losses:?}",
        clients.errors.load(Ordering::SeqCst)
    );
    assert!(living > 0 && ended > 100);
    // Each of its three operations has two seconds, and what this process may be late by to end it.
    assert!(slowest < Duration::from_secs(7) + 6 * lateness, "{slowest:?}, a timer late by {lateness:?}");
    storage.shutdown().await;
    losses
}

/// Returns the ports of a primary of a cluster and of its replica.
pub(crate) fn a_pair(url: &str) -> (u16, u16) {
    let nodes = Console::of(url).ask(&["CLUSTER", "NODES"]).text();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let nodes: Vec<Vec<String>> = nodes.lines().map(words).collect();
    let port = |node: &[String]| node[1].split('@').next().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let primary = nodes.iter().find(|node| node[2] == "master").unwrap();
    let replica = nodes.iter().find(|node| node[3] == primary[0]).unwrap();
    (port(primary), port(replica))
}

#[rocket::async_test]
async fn nothing_confirmed_is_lost_when_a_primary_of_a_cluster_dies() {
    let Some(servers) = Servers::start() else { return };
    let builder = builder(servers.cluster()).wait(1, Duration::from_millis(300));
    let (primary, replica) = a_pair(servers.cluster());
    let lost = fail_over("a cluster, confirmed", builder, servers.pair(primary, replica)).await;
    assert_eq!(lost, Losses::default());
}

#[rocket::async_test]
async fn what_a_cluster_loses_without_confirmation_is_lost_and_nothing_counts_twice() {
    let Some(servers) = Servers::start() else { return };
    let (primary, replica) = a_pair(servers.cluster());
    let pair = servers.pair(primary, replica);
    let lost = fail_over("a cluster, not confirmed", builder(servers.cluster()), pair).await;
    assert!(lost.sessions > 0, "the replica was behind: {lost:?}");
}

#[rocket::async_test]
async fn nothing_confirmed_is_lost_when_a_primary_under_sentinels_dies() {
    let Some(servers) = Servers::start() else { return };
    let builder = builder(servers.sentinel()).wait(1, Duration::from_millis(300));
    let host = servers.sentinel().split("://").nth(1).unwrap().split('?').next().unwrap();
    let mut sentinel = Console::of(&format!("redis://{host}"));
    let primary = sentinel.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]).texts()[1].parse().unwrap();
    let replicas = Console::new(primary).ask(&["INFO", "replication"]).text();
    let replica = replicas.split("port=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    let lost = fail_over("sentinels, confirmed", builder, servers.pair(primary, replica)).await;
    assert_eq!(lost, Losses::default());
}
