//! What fits a cookie.

use super::{COOKIE, app, builder, signed_in};

/// Behaviour 12.
#[rocket::async_test]
async fn more_than_two_thousand_bytes_come_back_whole() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for size in [2000, 2048, 2700] {
        assert_eq!(browser.post(&format!("/large/{size}")).await.cookies.len(), 1);
        assert_eq!(browser.get("/session").await.body, "x".repeat(size));
    }
}

/// C-05, F-05
#[rocket::async_test]
async fn c_05_a_session_that_no_cookie_can_hold_is_an_error_and_changes_nothing() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let before = browser.token();
    let answer = browser.post("/large/5120").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 0), "{answer:?}");
    assert!(!answer.body.contains("what the handler answers"));
    assert_eq!((browser.token(), browser.get("/session").await.body), (before, "light".into()));
}

/// C-05: name and value together are what browsers count.
#[rocket::async_test]
async fn c_05_the_largest_cookie_that_is_sent_has_4096_bytes() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let mut longest = 0;
    for size in 2700..3100 {
        let answer = browser.post(&format!("/large/{size}")).await;
        match answer.set_cookie(COOKIE) {
            Some(cookie) => longest = cookie.name.len() + cookie.value.len(),
            None => assert_eq!(answer.code(), 500),
        }
    }
    assert!((4094..=4096).contains(&longest), "{longest}");
}

/// C-05
#[rocket::async_test]
async fn c_05_the_handler_that_saves_learns_the_size() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.post("/large/100/save").await.body, "saved");
    let answer = browser.post("/large/5120/save").await;
    assert_eq!((answer.code(), answer.cookies.len()), (200, 0), "the handler answered for it");
    assert!(answer.body.contains("TooLarge { size: 7") && answer.body.contains("larger than 4096"), "{}", answer.body);
    assert_eq!(browser.get("/session").await.body, "x".repeat(100));
}

/// `max_size` binds as on every storage.
#[rocket::async_test]
async fn a_lower_bound_on_the_size_is_kept() {
    let app = builder(|config| config.max_size = 500.into()).open().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.post("/large/300").await.code(), 200);
    assert_eq!(browser.post("/large/600").await.code(), 500);
}
