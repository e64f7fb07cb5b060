//! What each storage must show, over HTTP and below it: each scenario is a test on every one.
//!
//! Names begin with the requirement that they show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "they are tests")]

mod ends;
mod flex;
mod lifetime;
mod model;
mod races;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "redis"))]
mod secrets;
mod sizes;
mod sweeping;
#[allow(dead_code, reason = "what merges is tested with more of it")]
#[path = "../storage/user.rs"]
mod user;

use std::time::Duration;

use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Answer, Browser, Builder, Site};

const HOUR: Duration = Duration::from_hours(1);

/// Returns the site, to be built on a place. Its requests have long: the machine may be busy.
fn site_on(place: &dyn Place) -> Builder {
    Site::builder().storage(place.storage()).config(|config| config.timeout = Duration::from_secs(20))
}

async fn open(place: &dyn Place) -> Site {
    site_on(place).open().await
}

async fn assert_dead(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(browser.get("/session").await.body, "nobody");
}

async fn assert_alive(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 200);
}

/// Asserts that an answer is what the loser of a race gets: the status, and no cookie.
fn assert_lost(answer: &Answer, code: u16) {
    assert_eq!((answer.code(), answer.cookies.len()), (code, 0), "{answer:?}");
}
