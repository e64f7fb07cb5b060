//! The task that frees what expired.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::tokio::join;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::SWEPT_AFTER;
use rocket_typed_session::testing::{Fault, Operation, When};
use rocket_typed_session::{Clock, EventKind};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Site, User, on_every_storage};

use crate::{HOUR, assert_alive, assert_dead, open, site_on};

/// How often it is done here.
const OFTEN: Duration = Duration::from_millis(10);

on_every_storage! {
    swept:
    l_09_what_expired_is_freed_and_the_living_stay
    l_09_keys_of_rotated_sessions_are_freed_with_them
    l_09_expired_sessions_leave_by_themselves
    a_16_what_expired_is_told_when_it_is_freed
    l_09_freeing_goes_on_after_an_outage
    l_09_freeing_stops_when_the_application_does
    freeing_stops_between_two_batches
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

/// Each session is told once, whichever process frees it.
async fn a_16_what_expired_is_told_when_it_is_freed(place: &dyn Place) {
    let sites = [open(place).await, open(place).await];
    let mut living = BTreeMap::new();
    for id in 0..150 {
        sites[0].member(id).await;
        let entries = sites[0].sessions::<User>().list(&id).await.unwrap();
        living.insert(entries[0].handle, Some(id.to_string()));
    }
    let expires_at = sites[0].clock.now() + HOUR;
    for site in &sites {
        site.events();
        site.clock.advance(HOUR + SWEPT_AFTER);
    }
    let [first, second] = sites.each_ref().map(Site::sessions::<User>);
    let (first, second) = join!(first.delete_expired(), second.delete_expired());
    assert_eq!(first.unwrap() + second.unwrap(), 150);
    let mut told = BTreeMap::new();
    for event in sites.iter().flat_map(Site::events) {
        assert_eq!((event.kind, event.at, event.ip), (EventKind::Expired, expires_at, None));
        assert_eq!(told.insert(event.handle.unwrap(), event.identifier), None);
    }
    assert_eq!(told, living);
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
    // One may have been under way.
    sleep(OFTEN).await;
    let swept = storage.count(Operation::Sweep);
    sleep(10 * OFTEN).await;
    assert_eq!(storage.count(Operation::Sweep), swept);
    assert_eq!(place.held().await, Some(1));
}

async fn freeing_stops_between_two_batches(place: &dyn Place) {
    let site = sweeping(place).await;
    let early = site.parking().park(Operation::Sweep, When::After);
    early.reached().await;
    ten_expire(&site).await;
    let first = site.parking().park(Operation::Sweep, When::After);
    early.release();
    first.reached().await;
    let storage = site.close().await;
    let swept = storage.count(Operation::Sweep);
    first.release();
    sleep(10 * OFTEN).await;
    assert_eq!(storage.count(Operation::Sweep), swept);
}

async fn l_09_what_expired_is_freed_and_the_living_stay(place: &dyn Place) {
    let site = open(place).await;
    for id in 0..20 {
        site.member(id).await;
    }
    site.clock.advance(HOUR / 2);
    let living = site.member(7).await;
    site.clock.advance(HOUR / 2 + SWEPT_AFTER - Duration::from_millis(1));
    let sessions = site.sessions::<User>();
    assert_eq!(sessions.delete_expired().await.unwrap(), 0);
    site.clock.advance(Duration::from_millis(1));
    assert_eq!((sessions.delete_expired().await.unwrap(), place.held().await), (20, Some(1)));
    assert_alive(&living).await;
}

async fn l_09_keys_of_rotated_sessions_are_freed_with_them(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let mut tokens = vec![browser.copy()];
    for path in ["/rotate", "/role/admin", "/identify/8"] {
        browser.post(path).await;
        tokens.push(browser.copy());
    }
    site.clock.advance(HOUR + SWEPT_AFTER);
    site.sessions::<User>().delete_expired().await.unwrap();
    for browser in &tokens {
        assert_dead(browser).await;
    }
    assert_eq!(place.held().await, Some(0));
}
