//! Sessions in Redis, on real servers.
//!
//! `scripts/servers/redis start DIR` starts them and prints the variables that these tests read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

mod model;
mod promises;
#[path = "../storage/race.rs"]
mod race;
mod server;
#[path = "../storage/user.rs"]
mod user;
