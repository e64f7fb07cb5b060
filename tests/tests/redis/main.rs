//! Sessions in Redis, on real servers.
//!
//! `scripts/servers/redis start DIR` starts them and prints the variables that these tests read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

mod cache;
mod crossing;
mod evictions;
mod failover;
mod faults;
mod full;
mod keys;
mod launch;
mod outage;
mod promises;
mod proxy;
mod resharding;
mod scene;
mod server;
mod shards;
mod slots;
#[path = "../storage/streams.rs"]
mod streams;
mod together;
mod trips;
mod twice;
mod wait;
mod window;
