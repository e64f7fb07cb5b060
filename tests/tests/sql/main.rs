//! Sessions in SQL databases.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

#[cfg(feature = "sqlite")]
mod file;
mod given;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod killed;
mod launch;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod outage;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[path = "../storage/streams.rs"]
mod streams;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod table;
#[cfg(feature = "sqlite")]
mod together;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod trips;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod wire;
