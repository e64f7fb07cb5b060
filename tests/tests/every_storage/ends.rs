//! Sessions that are ended by their owner, or by the application.

use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Browser, Site, User, on_every_storage};

use crate::{assert_alive, assert_dead, open};

on_every_storage! {
    a_07_five_sessions_of_a_disabled_account_are_ended
    a_08_ending_the_others_keeps_exactly_the_current_one
    a_09_an_administrator_ends_the_sessions_of_one_or_of_everyone
    a_10_users_list_their_own_sessions_and_end_one_by_its_name
    a_10_the_name_of_anothers_session_ends_nothing
}

async fn signed_in(site: &Site, id: i64, count: usize) -> Vec<Browser<'_>> {
    let mut browsers = Vec::new();
    for _ in 0..count {
        browsers.push(site.member(id).await);
    }
    browsers
}

async fn a_07_five_sessions_of_a_disabled_account_are_ended(place: &dyn Place) {
    let site = open(place).await;
    let (disabled, other) = (signed_in(&site, 7, 5).await, site.member(8).await);
    assert_eq!(site.sessions::<User>().end_all(&7).await.unwrap(), 5);
    for browser in &disabled {
        assert_dead(browser).await;
    }
    assert_alive(&other).await;
    assert_eq!(site.sessions::<User>().end_all(&7).await.unwrap(), 0);
}

async fn a_08_ending_the_others_keeps_exactly_the_current_one(place: &dyn Place) {
    let site = open(place).await;
    let (browsers, other) = (signed_in(&site, 7, 5).await, site.member(8).await);
    assert_eq!(browsers[2].post("/end-others").await.body, "Some(4)");
    for (number, browser) in browsers.iter().enumerate() {
        if number == 2 { assert_alive(browser).await } else { assert_dead(browser).await }
    }
    assert_alive(&other).await;
}

async fn a_09_an_administrator_ends_the_sessions_of_one_or_of_everyone(place: &dyn Place) {
    let site = open(place).await;
    let (first, second, third) = (site.member(7).await, site.member(8).await, site.member(9).await);
    assert!(site.sessions::<User>().end_one(&first.handle().await).await.unwrap());
    assert_dead(&first).await;
    assert_eq!(site.sessions::<User>().end_all(&8).await.unwrap(), 1);
    assert_dead(&second).await;
    assert_alive(&third).await;
    let fourth = site.member(7).await;
    site.sessions::<User>().end_everyone().await.unwrap();
    assert_dead(&third).await;
    assert_dead(&fourth).await;
    // Who signs in afterwards is signed in.
    assert_alive(&site.member(9).await).await;
}

async fn a_10_users_list_their_own_sessions_and_end_one_by_its_name(place: &dyn Place) {
    let site = open(place).await;
    let (here, there, other) = (site.member(7).await, site.member(7).await, site.member(8).await);
    let list = here.get("/list").await.body;
    let (own, name) = (here.handle().await, there.handle().await);
    assert_eq!(list.lines().count(), 2);
    assert!(list.contains(&format!("{own} true")) && list.contains(&format!("{name} false")), "{list}");
    for browser in [&here, &there] {
        assert!(!list.contains(&browser.token()));
    }
    assert_eq!(here.post(&format!("/end/{name}")).await.body, "Some(true)");
    assert_dead(&there).await;
    assert_eq!(here.post(&format!("/end/{name}")).await.body, "Some(false)");
    assert_alive(&here).await;
    assert_alive(&other).await;
}

async fn a_10_the_name_of_anothers_session_ends_nothing(place: &dyn Place) {
    let site = open(place).await;
    let (browser, other) = (site.member(7).await, site.member(8).await);
    let name = other.handle().await;
    assert_eq!(browser.post(&format!("/end/{name}")).await.body, "Some(false)");
    assert_alive(&other).await;
    // Nor is a name a credential.
    let thief = site.browser();
    thief.set_cookie("__Host-session", &name.to_string());
    assert_dead(&thief).await;
}
