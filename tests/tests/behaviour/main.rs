//! What sessions do, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod authentication;
mod basics;
mod cookie;
mod faults;
mod flex;
mod launch;
mod lifetime;
mod peers;
mod races;
mod review;
mod schema;
mod state;
mod token;
