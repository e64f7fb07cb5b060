//! Servers that go away under a site, and come back.

use std::fs;

use rocket_typed_session_tests::outage::{self, Limits, is_answered_for, signal};

use crate::failover::Servers;
use crate::server::{Private, builder};

const PASSWORD: &str = "hunter2-of-ada";

/// Starts a server that forgets nothing, with somebody who has a password. Returns their address of it.
fn start() -> Option<(Private, String)> {
    let user = format!("ada on >{PASSWORD} ~* +@all");
    let mut options = vec!["--appendonly", "yes", "--appendfsync", "always", "--user"];
    options.extend(user.split(' '));
    let server = Private::start(&options)?;
    let url = format!("redis://ada:{PASSWORD}@127.0.0.1:{}", server.port);
    Some((server, url))
}

struct Killed(Private);

impl outage::Server for Killed {
    fn go(&mut self) {
        self.0.kill();
    }

    fn come_back(&mut self) {
        self.0.run();
    }
}

struct Frozen(Private);

impl outage::Server for Frozen {
    fn go(&mut self) {
        self.0.signal("-STOP");
    }

    fn come_back(&mut self) {
        self.0.signal("-CONT");
    }
}

#[rocket::async_test]
async fn a_killed_server_is_answered_for_in_time_and_used_within_a_second_of_its_return() {
    let Some((server, url)) = start() else { return };
    let storage = builder(&url).build().unwrap();
    is_answered_for(&mut Killed(server), storage, Limits::GONE, Some(PASSWORD)).await;
}

#[rocket::async_test]
async fn a_server_that_hangs_is_answered_for_in_time_and_used_when_it_goes_on() {
    let Some((server, url)) = start() else { return };
    let storage = builder(&url).build().unwrap();
    is_answered_for(&mut Frozen(server), storage, Limits::SILENT, Some(PASSWORD)).await;
}

/// Sends a signal to a server, a Cluster, a primary with a replica, and its Sentinels.
fn signal_all(servers: &Servers, name: &str) {
    let ports = fs::read_dir(servers.own.directory()).unwrap();
    let pids: Vec<_> = ports.filter_map(|port| fs::read_to_string(port.unwrap().path().join("pid")).ok()).collect();
    assert!(pids.len() >= 12, "{pids:?}");
    signal(name, pids.iter().map(|pid| pid.trim()));
}

/// Servers that all die.
struct AllKilled(Servers);

impl outage::Server for AllKilled {
    fn go(&mut self) {
        signal_all(&self.0, "-KILL");
    }

    fn come_back(&mut self) {
        self.0.own.again();
    }
}

/// Servers that all hang.
struct AllFrozen(Servers);

impl Drop for AllFrozen {
    fn drop(&mut self) {
        signal_all(&self.0, "-CONT");
    }
}

impl outage::Server for AllFrozen {
    fn go(&mut self) {
        signal_all(&self.0, "-STOP");
    }

    fn come_back(&mut self) {
        signal_all(&self.0, "-CONT");
    }
}

/// The servers vote anew on who is the primary when they find that time has passed.
const VOTED: Limits = Limits { back: std::time::Duration::from_secs(30), ..Limits::SILENT };

#[rocket::async_test]
async fn a_cluster_that_hangs_whole_is_answered_for_in_time_and_used_when_it_goes_on() {
    let Some(servers) = Servers::start() else { return };
    let storage = builder(servers.cluster()).build().unwrap();
    is_answered_for(&mut AllFrozen(servers), storage, VOTED, None).await;
}

#[rocket::async_test]
async fn servers_under_sentinels_that_hang_whole_are_answered_for_in_time_and_used_when_they_go_on() {
    let Some(servers) = Servers::start() else { return };
    let storage = builder(servers.sentinel()).build().unwrap();
    is_answered_for(&mut AllFrozen(servers), storage, VOTED, None).await;
}

#[rocket::async_test]
async fn a_cluster_that_is_killed_whole_is_answered_for_in_time_and_used_within_a_second_of_its_return() {
    let Some(servers) = Servers::start() else { return };
    let storage = builder(servers.cluster()).build().unwrap();
    is_answered_for(&mut AllKilled(servers), storage, Limits::GONE, None).await;
}

#[rocket::async_test]
async fn servers_that_are_killed_with_their_sentinels_are_answered_for_in_time_and_used_within_a_second_of_their_return()
 {
    let Some(servers) = Servers::start() else { return };
    let storage = builder(servers.sentinel()).build().unwrap();
    is_answered_for(&mut AllKilled(servers), storage, Limits::GONE, None).await;
}
