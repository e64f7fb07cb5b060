//! How long sessions live, by the clock, and how they leave.

use std::time::Duration;

use rocket_typed_session::testing::{Operation, When};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{User, on_every_storage, overtake};

use crate::{HOUR, assert_alive, assert_dead, open};

const SECOND: Duration = Duration::from_secs(1);
const TTL: Duration = Duration::from_hours(24);

on_every_storage! {
    l_01_an_unused_session_ends_after_idle_though_it_is_held
    l_02_a_used_session_ends_after_its_ttl_whatever_is_rotated
    a_use_under_way_leaves_a_remembered_session_its_lifetime
    a_proof_under_way_leaves_a_remembered_session_its_lifetime
}

async fn l_01_an_unused_session_ends_after_idle_though_it_is_held(place: &dyn Place) {
    let site = open(place).await;
    let (used, unused) = (site.member(7).await, site.member(8).await);
    site.clock.advance(HOUR - SECOND);
    assert_alive(&used).await;
    site.clock.advance(SECOND);
    assert_dead(&unused).await;
    assert_alive(&used).await;
    assert_eq!(unused.post("/theme/dark").await.code(), 401);
    assert_eq!(site.sessions::<User>().count(&8).await.unwrap(), 0);
    assert!(place.held().await.is_none_or(|held| held == 2));
}

async fn l_02_a_used_session_ends_after_its_ttl_whatever_is_rotated(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let mut lived = Duration::ZERO;
    for path in ["/rotate", "/role/admin", "/visit", "/rotate"].into_iter().cycle() {
        site.clock.advance(HOUR / 2);
        lived += HOUR / 2;
        if lived >= TTL {
            break;
        }
        assert_eq!(browser.post(path).await.code(), 200, "{path} after {lived:?}");
    }
    assert_dead(&browser).await;
}

const MONTH: Duration = Duration::from_hours(30 * 24);

/// Lets a request load its session before another has that remembered, and be carried out after.
async fn remember_during(place: &dyn Place, operation: Operation, method: &str, path: &str) {
    let site = open(place).await;
    let browser = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let tab = browser.copy();
    let remember = format!("/ttl/{}", MONTH.as_secs());
    let late = async { if method == "get" { browser.get(path).await } else { browser.post(path).await } };
    let (late, set) = overtake(site.parking(), (operation, When::Before), late, tab.post(&remember)).await;
    assert_eq!((late.code(), set.code()), (200, 200));
    site.clock.advance(MONTH - SECOND);
    assert_alive(&browser).await;
    site.clock.advance(SECOND);
    assert_dead(&browser).await;
}

async fn a_use_under_way_leaves_a_remembered_session_its_lifetime(place: &dyn Place) {
    remember_during(place, Operation::Touch, "get", "/me").await;
}

async fn a_proof_under_way_leaves_a_remembered_session_its_lifetime(place: &dyn Place) {
    remember_during(place, Operation::Rotate, "post", "/authenticate").await;
}
