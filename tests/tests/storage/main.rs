//! The storages themselves, below any request.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

mod doubles;
mod merges;
mod model;
mod promises;
mod race;
mod user;
