//! The portal, driven over HTTP as a browser would.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can not go on fails")]

mod admin;
mod api;
mod browser;
mod cookies;
mod devices;
mod errors;
mod events;
mod faults;
mod guest;
mod pages;
mod password;
mod races;
