//! Requests that race, in an order that the storage decides.

mod ends;
mod losers;
mod merges;
mod rotations;

use std::sync::Arc;
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::tokio::join;
use rocket::tokio::time::timeout;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, Operation, Parked, When};
use rocket_typed_session::{Config, EndedBy, EventKind, RefusedCookie};
use rocket_typed_session_tests::{Answer, Browser, Guest, Role, Site, User, overtake};

use Operation::{Commit, Create, Delete, DeleteAll, DeleteHandle, Load, Rotate, Touch};
use When::{After, Before};

const HOUR: Duration = Duration::from_hours(1);
const GRACE: Duration = Duration::from_secs(30);

fn release_all(parked: &[Parked]) {
    for parked in parked {
        parked.release();
    }
}

fn assert_silent(answer: &Answer) {
    assert!(answer.cookies.is_empty(), "{answer:?}");
}

/// Asserts that an answer is what the loser of a race gets: the status, and no cookie.
fn assert_lost(answer: &Answer, code: u16) {
    assert_eq!(answer.code(), code, "{answer:?}");
    assert_silent(answer);
}

async fn assert_dead(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(browser.get("/session").await.body, "nobody");
}

async fn assert_alive(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 200);
}

async fn renewing() -> Site {
    Site::builder().config(|config| config.renew = Some(HOUR / 2)).open().await
}

async fn renewing_persistent() -> Site {
    let change = |config: &mut Config| (config.renew, config.cookie.persistent) = (Some(HOUR / 2), true);
    Site::builder().config(change).open().await
}

async fn guest_with_hits(site: &Site) -> Browser<'_> {
    let guest = site.browser();
    assert_eq!(guest.post("/guest/hit").await.code(), 200);
    assert_eq!(guest.get("/guest").await.body, "None 1 ");
    guest
}
