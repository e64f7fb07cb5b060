//! A session from its first cookie to its end.

use rocket_typed_session_tests::Site;

#[rocket::async_test]
async fn without_a_cookie_there_is_no_session() {
    let site = Site::open().await;
    let answer = site.browser().get("/session").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "nobody"));
    assert!(answer.cookies.is_empty());
}

#[rocket::async_test]
async fn signing_in_sets_the_cookie_and_the_next_request_reads_the_data() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 0"));
}

#[rocket::async_test]
async fn an_edit_persists_and_sends_no_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.post("/theme/dark").await;
    assert_eq!(answer.code(), 200);
    assert!(answer.cookies.is_empty());
    assert_eq!(browser.get("/owned").await.body, "dark");
    assert_eq!(browser.post("/update/blue").await.code(), 200);
    assert!(browser.get("/me").await.body.starts_with("7 Member blue en nick 1 {99: 1}"));
}

#[rocket::async_test]
async fn after_signing_out_the_old_cookie_is_dead() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let thief = browser.copy();
    let answer = browser.post("/logout").await;
    assert_eq!(answer.code(), 200);
    assert_eq!(browser.cookie("__Host-session"), None);
    assert_eq!(thief.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn all_handles_of_a_request_see_every_edit() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.post("/two-handles").await.body, "first second 5 light");
    assert!(browser.get("/me").await.body.starts_with("7 Member first second nick 5"));
}
