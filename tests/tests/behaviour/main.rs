//! What sessions do, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod authentication;
mod basics;
mod cookie;
mod lifetime;
mod races;
mod review;
mod token;
