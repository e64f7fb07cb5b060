//! Handlers that fail.

use super::*;

#[rocket::async_test]
async fn an_answer_of_the_servers_fault_commits_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for path in ["/fail/500/dark", "/fail/503/dark", "/fail/599/dark", "/panic/dark"] {
        site.storage.clear();
        let answer = browser.post(path).await;
        assert!(answer.code() >= 500 && answer.cookies.is_empty());
        assert_eq!(site.storage.count(Commit), 0, "{path}");
        assert_eq!(browser.get("/owned").await.body, "light");
    }
    browser.post("/notice/hello").await;
    assert_eq!(browser.get("/hard/take-and-fail").await.code(), 500);
    assert_eq!(browser.get("/notice").await.body, "hello");
}

#[rocket::async_test]
async fn an_answer_of_the_clients_fault_commits_and_delivers() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for status in [400, 403, 404, 422, 499] {
        assert_eq!(browser.post(&format!("/fail/{status}/theme{status}")).await.code(), status);
        assert_eq!(browser.get("/owned").await.body, format!("theme{status}"));
    }
    let visitor = site.browser();
    let answer = visitor.post("/hard/start-and-fail/404").await;
    assert_eq!((answer.code(), answer.cookies.len()), (404, 1));
    assert_eq!(visitor.get("/me").await.code(), 200);
    let visitor = site.browser();
    let answer = visitor.post("/hard/start-and-fail/500").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 0));
    assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 2);
}

#[rocket::async_test]
async fn a_panic_that_a_catcher_turns_into_a_redirect_commits_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.post("/hard/redirecting/panic/dark").await;
    assert_eq!((answer.code(), answer.header("Location").as_deref()), (303, Some("/login")));
    assert_eq!(browser.get("/owned").await.body, "light");
}

#[rocket::async_test]
async fn what_was_saved_stays_though_an_error_follows() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.post("/save-and-fail/dark/500").await.code(), 500);
    assert_eq!(browser.get("/owned").await.body, "dark");
    let old = browser.copy();
    let answer = browser.post("/rotate-save-and-fail").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 1));
    assert_eq!(browser.get("/owned").await.body, "dark");
    assert_eq!(old.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn edits_after_the_end_are_an_event_and_nothing_else() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.events();
    assert_eq!(browser.post("/edit-after-end").await.code(), 200);
    assert!(site.event_kinds().contains(&EventKind::EditIgnored));
    assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0);
}
