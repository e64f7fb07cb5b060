//! Requests that race, in an order that the test decides.

use rocket_typed_session::testing::Operation::{Commit, Create, Rotate, Touch};
use rocket_typed_session::testing::When::{After, Before};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{User, on_every_storage, overtake, together};

use crate::{HOUR, assert_alive, assert_dead, assert_lost, open, site_on};

on_every_storage! {
    f_01_two_requests_that_write_different_fields_both_survive
    f_01_two_hundred_additions_that_were_loaded_before_one_is_written_all_count
    f_01_entries_of_one_map_both_survive
    f_02_of_two_requests_that_write_a_rejecting_field_one_wins_and_the_other_is_told
    a_06_a_commit_in_flight_over_a_sign_out_revives_nothing
    a_06_a_touch_in_flight_over_a_sign_out_revives_nothing
    a_06_a_rotation_in_flight_over_a_sign_out_revives_nothing
    a_06_a_renewal_in_flight_over_a_sign_out_revives_nothing
    a_06_a_sign_out_with_the_token_before_a_rotation_ends_the_session
    a_11_whatever_is_in_flight_when_all_are_ended_is_lost
    a_11_whatever_took_effect_before_all_are_ended_is_ended
    a_11_a_sign_in_that_takes_effect_after_all_are_ended_lives
    a_12_fifty_sign_ins_at_once_leave_as_many_as_are_allowed
    a_12_the_cap_binds_twenty_that_become_the_same_user_at_once
}

async fn f_01_two_requests_that_write_different_fields_both_survive(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let (late, first) =
        overtake(site.parking(), (Commit, Before), browser.post("/theme/dark"), browser.post("/language/de")).await;
    assert_eq!((late.code(), first.code()), (200, 200));
    assert!(browser.get("/me").await.body.starts_with("7 Member dark de"));
}

async fn f_01_two_hundred_additions_that_were_loaded_before_one_is_written_all_count(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let visits = together(site.parking(), Commit, (0..200).map(|_| browser.post("/visit"))).await;
    assert!(visits.iter().all(|answer| answer.code() == 200));
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 200"));
}

async fn f_01_entries_of_one_map_both_survive(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    browser.post("/cart/1/1").await;
    overtake(site.parking(), (Commit, Before), browser.post("/cart/2/2"), browser.post("/cart/3/3")).await;
    overtake(site.parking(), (Commit, Before), browser.post("/cart/1/0"), browser.post("/cart/2/5")).await;
    assert!(browser.get("/me").await.body.contains("{2: 5, 3: 3}"));
}

async fn f_02_of_two_requests_that_write_a_rejecting_field_one_wins_and_the_other_is_told(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let (late, first) =
        overtake(site.parking(), (Commit, Before), browser.post("/nickname/late"), browser.post("/nickname/first"))
            .await;
    assert_eq!(first.code(), 200);
    assert_lost(&late, 409);
    assert_eq!(late.body, "409 Some(Conflict(\"nickname\"))");
    assert!(browser.get("/me").await.body.contains(" first "));
}

async fn a_06_a_commit_in_flight_over_a_sign_out_revives_nothing(place: &dyn Place) {
    for when in [Before, After] {
        let site = open(place).await;
        let browser = site.member(7).await;
        let (tab, thief) = (browser.copy(), browser.copy());
        let (late, out) =
            overtake(site.parking(), (Commit, when), browser.post("/theme/dark"), tab.post("/logout")).await;
        assert_eq!(out.code(), 200);
        assert_lost(&late, if when == Before { 401 } else { 200 });
        assert_dead(&thief).await;
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0);
    }
}

async fn a_06_a_touch_in_flight_over_a_sign_out_revives_nothing(place: &dyn Place) {
    for when in [Before, After] {
        let site = open(place).await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let (tab, thief) = (browser.copy(), browser.copy());
        let (late, _) = overtake(site.parking(), (Touch, when), browser.get("/me"), tab.post("/logout")).await;
        assert_lost(&late, 200);
        assert_dead(&thief).await;
    }
}

async fn a_06_a_rotation_in_flight_over_a_sign_out_revives_nothing(place: &dyn Place) {
    for path in ["/rotate", "/role/admin", "/identify/8"] {
        let site = open(place).await;
        let browser = site.member(7).await;
        let (tab, thief) = (browser.copy(), browser.copy());
        let (late, out) = overtake(site.parking(), (Rotate, Before), browser.post(path), tab.post("/logout")).await;
        assert_eq!(out.code(), 200);
        assert_lost(&late, 401);
        assert_dead(&thief).await;
        let sessions = site.sessions::<User>();
        assert_eq!((sessions.count(&7).await.unwrap(), sessions.count(&8).await.unwrap()), (0, 0), "{path}");
    }
}

async fn a_06_a_renewal_in_flight_over_a_sign_out_revives_nothing(place: &dyn Place) {
    for when in [Before, After] {
        let site = site_on(place).users(|config| config.renew = Some(HOUR / 2)).open().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let (tab, thief) = (browser.copy(), browser.copy());
        let (_, out) = overtake(site.parking(), (Rotate, when), browser.post("/visit"), tab.post("/logout")).await;
        assert_eq!(out.code(), 200);
        assert_dead(&browser).await;
        assert_dead(&thief).await;
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0);
    }
}

async fn a_06_a_sign_out_with_the_token_before_a_rotation_ends_the_session(place: &dyn Place) {
    for path in ["/rotate", "/role/admin", "/identify/8"] {
        let site = open(place).await;
        let browser = site.member(7).await;
        let tab = browser.copy();
        // The rotation took effect, and its answer is under way.
        let (late, out) = overtake(site.parking(), (Rotate, After), browser.post(path), tab.post("/logout")).await;
        assert_eq!((late.code(), out.code()), (200, 200));
        assert_dead(&browser).await;
        assert_dead(&tab).await;
    }
}

async fn a_11_whatever_is_in_flight_when_all_are_ended_is_lost(place: &dyn Place) {
    let cases = [
        ("/theme/dark", Commit, 401),
        ("/rotate", Rotate, 401),
        ("/role/admin", Rotate, 401),
        ("/identify/8", Rotate, 401),
        ("/set/7", Rotate, 401),
    ];
    for (path, operation, code) in cases {
        let site = open(place).await;
        let (browser, other) = (site.member(7).await, site.member(7).await);
        let ending = site.sessions::<User>();
        let (late, ended) = overtake(site.parking(), (operation, Before), browser.post(path), ending.end_all(&7)).await;
        assert_eq!(ended.unwrap(), 2, "{path}");
        assert_lost(&late, code);
        assert_dead(&browser).await;
        assert_dead(&other).await;
        assert_eq!((ending.count(&7).await.unwrap(), ending.count(&8).await.unwrap()), (0, 0), "{path}");
    }
}

async fn a_11_whatever_took_effect_before_all_are_ended_is_ended(place: &dyn Place) {
    let cases = [("/theme/dark", Commit), ("/rotate", Rotate), ("/role/admin", Rotate), ("/set/7", Rotate)];
    for (path, operation) in cases {
        let site = open(place).await;
        let browser = site.member(7).await;
        let ending = site.sessions::<User>();
        let (late, ended) = overtake(site.parking(), (operation, After), browser.post(path), ending.end_all(&7)).await;
        assert_eq!((late.code(), ended.unwrap()), (200, 1), "{path}");
        assert_dead(&browser).await;
    }
    let site = open(place).await;
    let (browser, ending) = (site.browser(), site.sessions::<User>());
    let signing_in = browser.post("/login/7/member");
    let (late, ended) = overtake(site.parking(), (Create, After), signing_in, ending.end_all(&7)).await;
    assert_eq!((late.code(), ended.unwrap()), (200, 1));
    assert_dead(&browser).await;
}

async fn a_11_a_sign_in_that_takes_effect_after_all_are_ended_lives(place: &dyn Place) {
    let site = open(place).await;
    let (old, new, ending) = (site.member(7).await, site.browser(), site.sessions::<User>());
    let signing_in = new.post("/login/7/member");
    let (late, ended) = overtake(site.parking(), (Create, Before), signing_in, ending.end_all(&7)).await;
    assert_eq!((late.code(), ended.unwrap()), (200, 1));
    assert_dead(&old).await;
    // No index hides it from the next end of all.
    assert_alive(&new).await;
    assert_eq!(ending.end_all(&7).await.unwrap(), 1);
    assert_dead(&new).await;
}

async fn a_12_fifty_sign_ins_at_once_leave_as_many_as_are_allowed(place: &dyn Place) {
    let site = site_on(place).users(|config| config.max_per_user = Some(3)).open().await;
    let browsers: Vec<_> = (0..50).map(|_| site.browser()).collect();
    let answers =
        together(site.parking(), Create, browsers.iter().map(|browser| browser.post("/login/7/member"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    let mut alive = 0;
    for browser in &browsers {
        alive += u64::from(browser.get("/me").await.code() == 200);
    }
    assert_eq!((alive, site.sessions::<User>().count(&7).await.unwrap()), (3, 3));
}

async fn a_12_the_cap_binds_twenty_that_become_the_same_user_at_once(place: &dyn Place) {
    let site = site_on(place).users(|config| config.max_per_user = Some(3)).open().await;
    let mut browsers = Vec::new();
    for id in 100..120 {
        browsers.push(site.member(id).await);
    }
    let answers = together(site.parking(), Rotate, browsers.iter().map(|browser| browser.post("/identify/7"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 3);
    let mut alive = 0;
    for browser in &browsers {
        alive += u32::from(browser.get("/me").await.code() == 200);
    }
    assert_eq!(alive, 3);
}
