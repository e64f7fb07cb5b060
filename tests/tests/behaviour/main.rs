//! What sessions do, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::unchecked_time_subtraction, reason = "the times of tests are written down, the greater first")]

mod addresses;
mod announced;
mod at_once;
mod authentication;
mod basics;
mod bearer;
mod cookie;
mod cookie_storage;
mod cross_site;
mod devices;
mod ended;
mod events;
mod faults;
mod flex;
mod forged;
mod guard_error;
mod handle;
mod hashed;
mod launch;
mod lifetime;
mod moments;
mod peers;
mod races;
mod review;
mod schema;
mod shutdown;
mod stamp;
mod state;
mod token;
#[cfg(feature = "tracing")]
mod tracing;
mod upgrade;
mod visitor;
