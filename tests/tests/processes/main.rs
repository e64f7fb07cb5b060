//! Several processes of the portal on one storage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can not go on fails")]

mod home;
mod portal;
mod restart;
#[cfg(feature = "redis-tls")]
mod tls;
mod together;
mod visitor;
