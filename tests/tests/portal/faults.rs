//! A storage that fails: nobody is signed out, and nobody is told that it worked.

use rocket_typed_session::testing::{Fault, Operation};

use crate::browser::Portal;

const SESSION: &str = "__Host-session";

#[rocket::async_test]
async fn a_session_that_can_not_be_read_is_neither_there_nor_gone() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let cookie = ada.cookie(SESSION);
    portal.storage.inner().fail(Operation::Load, Fault::Before);
    ada.get("/api/me").await.is_error(503, "storage");
    for path in ["/", "/profile", "/nowhere"] {
        let answer = ada.get(path).await;
        assert!(answer.set_cookies().is_empty());
        assert_eq!(answer.header("Location"), None);
    }
    ada.get("/profile").await.is_page(503, "You are not signed out");
    assert_eq!(ada.get("/api/public").await.status, 200);

    portal.storage.inner().clear();
    assert_eq!((ada.me().await["name"].as_str(), ada.cookie(SESSION)), (Some("ada"), cookie));
}

#[rocket::async_test]
async fn an_edit_that_can_not_be_kept_is_no_success() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    portal.storage.inner().fail(Operation::Commit, Fault::Before);
    ada.post("/api/theme", "theme=dark").await.is_error(503, "storage");
    let page = ada.post("/theme", "theme=dark").await;
    page.is_page(503, "One moment");
    assert_eq!((page.header("Location"), page.set_cookies().len()), (None, 0));
    portal.storage.inner().clear();
    assert_eq!(ada.me().await["theme"], "system");
}

#[rocket::async_test]
async fn a_sign_in_that_can_not_be_kept_sets_no_cookie() {
    let portal = Portal::launch().await;
    portal.storage.inner().fail(Operation::Create, Fault::Before);
    let nobody = portal.browser();
    let answer = nobody.post("/login", "name=ada&password=ada").await;
    answer.is_page(503, "One moment");
    assert!(answer.set_cookies().is_empty());
}

#[rocket::async_test]
async fn a_sign_out_that_failed_says_so_and_removes_the_cookie() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    portal.storage.inner().fail(Operation::Delete, Fault::Before);
    ada.post("/logout", "").await.is_page(503, "One moment");
    assert_eq!(ada.cookie(SESSION), None);
}

#[rocket::async_test]
async fn a_list_that_can_not_be_had_is_no_empty_list() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    portal.storage.inner().fail(Operation::List, Fault::Before);
    ada.get("/api/devices").await.is_error(503, "storage");
    ada.get("/devices").await.is_page(503, "One moment");
}
