//! Patches.

use super::*;

/// Posts both so that both load before either commits, and the first one commits last.
async fn both(site: &Site, first: (&Browser<'_>, &str), second: (&Browser<'_>, &str)) -> (Answer, Answer) {
    overtake(site.parking(), (Commit, Before), first.0.post(first.1), second.0.post(second.1)).await
}

#[rocket::async_test]
async fn f_01_two_requests_that_write_different_fields_both_survive() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (first, second) = both(&site, (&browser, "/theme/dark"), (&browser, "/language/de")).await;
    assert_eq!((first.code(), second.code()), (200, 200));
    assert!(browser.get("/me").await.body.starts_with("7 Member dark de"));
}

#[rocket::async_test]
async fn of_two_requests_that_write_one_field_the_last_wins() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    both(&site, (&browser, "/theme/dark"), (&browser, "/theme/blue")).await;
    assert_eq!(browser.get("/owned").await.body, "dark");
}

#[rocket::async_test]
async fn f_02_of_two_requests_that_write_a_rejecting_field_exactly_one_wins() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (late, first) = both(&site, (&browser, "/nickname/late"), (&browser, "/nickname/first")).await;
    assert_eq!(first.code(), 200);
    assert_lost(&late, 409);
    assert_eq!(late.body, "409 Some(Conflict(\"nickname\"))");
    assert!(browser.get("/me").await.body.contains(" first "));
    assert!(site.event_kinds().contains(&EventKind::Conflict(Some("nickname".into()))));
}

#[rocket::async_test]
async fn a_rejected_field_rejects_the_whole_patch() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/nickname/changed").await;
    // `set` changes the theme and the nickname, in one rotation.
    let (late, first) =
        overtake(site.parking(), (Rotate, Before), browser.post("/set/7"), browser.post("/nickname/first")).await;
    assert_eq!(first.code(), 200);
    assert_lost(&late, 409);
    assert!(browser.get("/me").await.body.starts_with("7 Member light en first"));
}

#[rocket::async_test]
async fn a_value_that_was_changed_and_changed_back_is_not_noticed() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let meanwhile = async {
        browser.post("/nickname/other").await;
        browser.post("/nickname/nick").await
    };
    let (late, _) = overtake(site.parking(), (Commit, Before), browser.post("/nickname/late"), meanwhile).await;
    assert_eq!(late.code(), 200);
    assert!(browser.get("/me").await.body.contains(" late "));
}

#[rocket::async_test]
async fn a_refused_save_leaves_the_handlers_answer() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (late, _) = both(&site, (&browser, "/try-save/late"), (&browser, "/nickname/first")).await;
    assert_eq!((late.code(), late.body.as_str()), (200, "Err(Conflict(\"nickname\"))"));
}

#[rocket::async_test]
async fn two_hundred_visits_at_once_all_count() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answers = join_all((0..200).map(|_| browser.post("/visit"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 200"));
}

#[rocket::async_test]
async fn two_hundred_visits_that_were_all_loaded_before_one_is_written_all_count() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let parked: Vec<_> = (0..200).map(|_| site.parking().park(Commit, Before)).collect();
    let release = async {
        for parked in &parked {
            parked.reached().await;
        }
        release_all(&parked);
    };
    let (answers, ()) = join!(join_all((0..200).map(|_| browser.post("/visit"))), release);
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 200"));
}

#[rocket::async_test]
async fn a_hundred_pairs_of_theme_and_language_lose_none() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for number in 0..100 {
        let (theme, language) = (format!("/theme/t{number}"), format!("/language/l{number}"));
        let (first, second) = if number % 2 == 0 {
            both(&site, (&browser, &theme), (&browser, &language)).await
        } else {
            both(&site, (&browser, &language), (&browser, &theme)).await
        };
        assert_eq!((first.code(), second.code()), (200, 200));
        let me = browser.get("/me").await.body;
        assert!(me.starts_with(&format!("7 Member t{number} l{number} ")), "{me}");
    }
}

#[rocket::async_test]
async fn additions_are_clamped_where_they_are_added() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/visits/5").await;
    let (late, first) = both(&site, (&browser, "/hard/add/-4/0"), (&browser, "/hard/add/-4/0")).await;
    assert_eq!((first.body.as_str(), late.body.as_str()), ("1", "1"));
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 0"));
    let most = i64::MAX.to_string();
    browser.post(&format!("/visits/{most}")).await;
    both(&site, (&browser, "/visit"), (&browser, "/visit")).await;
    assert!(browser.get("/me").await.body.starts_with(&format!("7 Member light en nick {most}")));
}

#[rocket::async_test]
async fn what_a_request_sees_of_its_additions_is_what_is_stored() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/visits/3").await;
    assert_eq!(browser.post("/hard/add/-5/2").await.body, "0");
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 0"));
    browser.post("/visits/3").await;
    let (late, _) = both(&site, (&browser, "/hard/add/-5/2"), (&browser, "/theme/dark")).await;
    assert_eq!(late.body, "0");
    assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 0"));
    let (late, _) = both(&site, (&browser, "/hard/add/2/3"), (&browser, "/visit")).await;
    assert_eq!(late.body, "5");
    assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 6"));
}

#[rocket::async_test]
async fn a_set_value_replaces_what_was_added_meanwhile() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    both(&site, (&browser, "/visits/40"), (&browser, "/visit")).await;
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 40"));
    both(&site, (&browser, "/visit"), (&browser, "/visits/50")).await;
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 51"));
}

#[rocket::async_test]
async fn an_update_adds_the_difference() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    both(&site, (&browser, "/update/dark"), (&browser, "/update/blue")).await;
    assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 2 {99: 1}"));
}

#[rocket::async_test]
async fn entries_added_or_removed_meanwhile_stay_so() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/cart/1/1").await;
    both(&site, (&browser, "/cart/2/2"), (&browser, "/cart/3/3")).await;
    assert!(browser.get("/me").await.body.contains("{1: 1, 2: 2, 3: 3}"));
    both(&site, (&browser, "/cart/2/5"), (&browser, "/cart/1/0")).await;
    assert!(browser.get("/me").await.body.contains("{2: 5, 3: 3}"));
    // The whole map is set: what was loaded goes, what came meanwhile stays.
    both(&site, (&browser, "/hard/replace-cart/9"), (&browser, "/cart/4/4")).await;
    assert!(browser.get("/me").await.body.contains("{4: 4, 9: 1}"));
}

#[rocket::async_test]
async fn an_emptied_map_does_not_take_its_default_again() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/cart/1/1").await;
    both(&site, (&browser, "/cart/1/0"), (&browser, "/theme/dark")).await;
    assert!(browser.get("/me").await.body.contains(" {} "));
}

#[rocket::async_test]
async fn members_added_or_removed_meanwhile_stay_so() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/mark/a").await;
    both(&site, (&browser, "/mark/b"), (&browser, "/mark/c")).await;
    assert!(browser.get("/me").await.body.contains("{\"a\", \"b\", \"c\"}"));
    both(&site, (&browser, "/unmark/a"), (&browser, "/unmark/b")).await;
    assert!(browser.get("/me").await.body.contains("{\"c\"}"));
}

#[rocket::async_test]
async fn two_parallel_takes_may_both_show_a_flash_and_then_it_is_gone() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/notice/hello").await;
    let (late, first) =
        overtake(site.parking(), (Commit, Before), browser.get("/notice"), browser.get("/notice")).await;
    assert_eq!((first.body.as_str(), late.body.as_str()), ("hello", "hello"));
    assert_eq!(browser.get("/notice").await.body, "none");
}

#[rocket::async_test]
async fn a_flash_set_over_a_take_survives() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/notice/hello").await;
    let (late, _) =
        overtake(site.parking(), (Commit, Before), browser.get("/notice"), browser.post("/notice/news")).await;
    assert_eq!(late.body, "hello");
    assert_eq!(browser.get("/notice").await.body, "news");
    assert_eq!(browser.get("/notice").await.body, "none");
}

#[rocket::async_test]
async fn a_flash_that_is_set_and_taken_at_once_is_not_shown_again() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/notice/old").await;
    assert_eq!(browser.post("/hard/set-and-take/new").await.body, "new");
    assert_eq!(browser.get("/notice").await.body, "none");
}

#[rocket::async_test]
async fn equal_edits_write_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.storage.clear();
    assert_eq!(browser.post("/nothing").await.code(), 200);
    assert_eq!(site.storage.calls().len(), 1);
    assert_eq!(site.storage.count(Load), 1);
}

#[rocket::async_test]
async fn additions_during_a_save_are_seen_and_stored() {
    for when in [Before, After] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let adding = browser.post("/hard/add-while-saving");
        let (answer, ()) = overtake(site.parking(), (Commit, when), adding, async {}).await;
        assert_eq!(answer.body, "7");
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 7"));
    }
}
