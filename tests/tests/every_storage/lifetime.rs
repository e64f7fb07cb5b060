//! How long sessions live, by the clock, and how they leave.

use std::time::Duration;

use rocket_typed_session::storage::SWEPT_AFTER;
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{User, on_every_storage};

use crate::{HOUR, assert_alive, assert_dead, open};

const SECOND: Duration = Duration::from_secs(1);
const TTL: Duration = Duration::from_hours(24);

on_every_storage! {
    l_01_an_unused_session_ends_after_idle_though_it_is_held
    l_02_a_used_session_ends_after_its_ttl_whatever_is_rotated
    l_09_what_expired_is_freed_and_the_living_stay
    l_09_keys_of_rotated_sessions_are_freed_with_them
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
    let freed = sessions.delete_expired().await.unwrap();
    if let Some(held) = place.held().await {
        assert_eq!((held, freed), (1, 20));
    }
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
    assert!(place.held().await.is_none_or(|held| held == 0));
}
