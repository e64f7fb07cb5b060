//! The task that frees what expired.

use std::time::Duration;

use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::SWEPT_AFTER;
use rocket_typed_session::testing::{Fault, Operation};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Site, on_every_storage};

use crate::{HOUR, assert_alive, site_on};

/// How often it is done here.
const OFTEN: Duration = Duration::from_millis(10);

on_every_storage! {
    swept:
    l_09_expired_sessions_leave_by_themselves
    l_09_freeing_goes_on_after_an_outage
    l_09_freeing_stops_when_the_application_does
}

async fn sweeping(place: &dyn Place) -> Site {
    site_on(place).users(|config| config.sweep = OFTEN).open().await
}

/// Waits until something is so.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !so().await {
            sleep(OFTEN).await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.expect(what);
}

/// Waits until a place holds so many sessions.
async fn until_held(place: &dyn Place, count: u64) {
    until("what expired leaves", async || place.held().await == Some(count)).await;
}

/// Lets the sessions of ten users expire.
async fn ten_expire(site: &Site) {
    for id in 0..10 {
        site.member(id).await;
    }
    site.clock.advance(HOUR + SWEPT_AFTER);
}

async fn l_09_expired_sessions_leave_by_themselves(place: &dyn Place) {
    let site = sweeping(place).await;
    ten_expire(&site).await;
    let living = site.member(7).await;
    until_held(place, 1).await;
    assert_alive(&living).await;
}

async fn l_09_freeing_goes_on_after_an_outage(place: &dyn Place) {
    let site = sweeping(place).await;
    site.faults().fail(Operation::Sweep, Fault::Before);
    ten_expire(&site).await;
    site.storage.clear();
    until("it is tried again", async || site.storage.count(Operation::Sweep) > 3).await;
    assert_eq!(place.held().await, Some(10));
    site.faults().clear();
    until_held(place, 0).await;
}

async fn l_09_freeing_stops_when_the_application_does(place: &dyn Place) {
    let site = sweeping(place).await;
    let living = site.member(7).await;
    until("it is done", async || site.storage.count(Operation::Sweep) > 0).await;
    assert_alive(&living).await;
    drop(living);
    let storage = site.close().await;
    let swept = storage.count(Operation::Sweep);
    sleep(10 * OFTEN).await;
    assert_eq!(storage.count(Operation::Sweep), swept);
    assert_eq!(place.held().await, Some(1));
}
