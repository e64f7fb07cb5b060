//! The storages themselves, below any request.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

mod doubles;
mod merges;
mod promises;
mod user;
