//! Streams.

use super::*;

#[rocket::async_test]
async fn a_stream_saves_data_and_is_too_late_for_a_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.get("/stream/dark").await;
    assert_eq!(answer.body, "Ok(()) Err(TooLate)");
    assert!(answer.cookies.is_empty());
    assert_eq!(browser.get("/owned").await.body, "dark");
    assert!(!site.event_kinds().contains(&EventKind::EditsLost), "who was told has lost nothing unknowingly");
}

#[rocket::async_test]
async fn after_being_too_late_only_the_end_is_written() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.get("/hard/stream-edits").await.body, "Err(TooLate) Err(TooLate) Ok(())");
    assert!(site.event_kinds().contains(&EventKind::EditIgnored));
    assert_eq!(browser.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn a_stream_signs_nobody_in() {
    let site = Site::open().await;
    let browser = site.browser();
    assert_eq!(browser.get("/hard/stream-start").await.body, "Err(TooLate)");
    assert_eq!(site.sessions::<User>().count(&9).await.unwrap(), 0);
}

#[rocket::async_test]
async fn a_stream_ends_the_session() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.get("/stream-end").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Ok(())", 0));
    assert_eq!(browser.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn edits_that_a_stream_leaves_unsaved_are_an_event() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.get("/handle").await.body;
    site.events();
    assert_eq!(browser.get("/stream-unsaved/dark").await.body, "unsaved");
    let events = site.events();
    let lost = events.iter().find(|event| event.kind == EventKind::EditsLost).expect("an event");
    assert_eq!(lost.handle.map(|handle| handle.to_string()), Some(handle));
    assert_eq!(lost.identifier.as_deref(), Some("7"));
    assert_eq!(browser.get("/owned").await.body, "light");
}

#[rocket::async_test]
async fn a_stream_that_fails_to_save_is_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.faults().fail(Commit, Before);
    let answer = browser.get("/stream/dark").await;
    assert_eq!(answer.code(), 200);
    assert!(answer.body.starts_with("Err(Storage("), "{}", answer.body);
}

#[rocket::async_test]
async fn f_03_a_session_that_begins_is_stored_before_the_first_byte() {
    let site = Site::open().await;
    let browser = site.browser();
    let parked = site.parking().park(Create, When::After);
    let request = site.client().get("/hard/start-and-stream").dispatch();
    let (response, ()) = join!(request, async {
        parked.reached().await;
        assert_eq!(site.sessions::<User>().count(&9).await.unwrap(), 1);
        parked.release();
    });
    let cookie = response.headers().get_one("Set-Cookie").unwrap().to_owned();
    let value = cookie.split_once(';').unwrap().0.split_once('=').unwrap().1;
    browser.set_cookie("__Host-session", value);
    assert_eq!(browser.get("/me").await.code(), 200);
    assert_eq!(response.into_string().await.unwrap(), "9");
}
