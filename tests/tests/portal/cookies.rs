//! What the browser is told to keep, and what it is worth.

use std::time::Duration;

use rocket::http::{Cookie, SameSite};

use crate::browser::Portal;

const SESSION: &str = "__Host-session";
const DAY: Duration = Duration::from_hours(24);

fn parse(text: &str) -> Cookie<'static> {
    Cookie::parse(text.to_owned()).unwrap()
}

#[rocket::async_test]
async fn signing_in_sets_one_cookie_with_every_attribute() {
    let portal = Portal::launch().await;
    let answer = portal.browser().sign_in("ada").await;
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1);
    let cookie = parse(cookies[0]);
    assert_eq!(cookie.name(), SESSION);
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
    assert_eq!(
        (cookie.secure(), cookie.http_only(), cookie.same_site()),
        (Some(true), Some(true), Some(SameSite::Lax))
    );
    assert_eq!((cookie.max_age(), cookie.expires()), (None, None));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

#[rocket::async_test]
async fn remember_keeps_the_cookie_for_thirty_days() {
    let portal = Portal::launch().await;
    let ada = portal.browser();
    let answer = ada.post("/login", "name=ada&password=ada&remember=on").await;
    let cookie = parse(answer.set_cookies()[0]);
    assert_eq!(cookie.max_age().unwrap().whole_days(), 30);
    assert!(!cookie.value().contains("ada"));
}

#[rocket::async_test]
async fn a_wrong_password_sets_no_cookie() {
    let portal = Portal::launch().await;
    let nobody = portal.browser();
    for form in ["name=ada&password=bob", "name=nobody&password=nobody", "name=&password="] {
        let answer = nobody.post("/login", form).await;
        answer.is_page(401, "Name and password do not go together.");
        assert!(answer.set_cookies().is_empty());
    }
}

#[rocket::async_test]
async fn a_visit_sets_no_cookie() {
    let portal = Portal::launch().await;
    let nobody = portal.browser();
    for path in ["/", "/login", "/profile", "/style.css", "/icon.svg", "/api/me", "/api/public", "/api/guest"] {
        assert!(nobody.get(path).await.set_cookies().is_empty(), "{path}");
    }
    nobody.post("/logout", "").await.leads_to("/");
}

#[rocket::async_test]
async fn reading_and_editing_do_not_send_the_cookie_again() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let read = ada.get("/").await;
    assert_eq!((read.set_cookies().len(), read.header("Vary")), (0, Some("Cookie")));
    assert!(ada.post("/api/theme", "theme=dark").await.set_cookies().is_empty());
}

#[rocket::async_test]
async fn signing_in_again_ends_the_session_before() {
    let portal = Portal::launch().await;
    let browser = portal.signed_in("bob").await;
    let before = browser.copy();
    browser.sign_in("ada").await;
    assert_eq!(browser.me().await["name"], "ada");
    before.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn signing_out_removes_the_cookie_and_the_session() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let thief = ada.copy();
    let answer = ada.post("/logout", "").await;
    answer.leads_to("/");
    let cookie = parse(answer.set_cookies()[0]);
    assert_eq!((cookie.name(), cookie.path(), cookie.secure()), (SESSION, Some("/"), Some(true)));
    assert!(cookie.max_age().unwrap().is_zero());
    assert_eq!(ada.cookie(SESSION), None);
    thief.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn a_new_role_is_a_new_cookie_and_the_old_one_is_worth_nothing() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let before = bob.copy();
    bob.post("/api/role", "role=admin").await.is_empty();
    assert_ne!(bob.cookie(SESSION), before.cookie(SESSION));
    assert_eq!(bob.get("/api/admin").await.status, 200);
    before.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn a_fresh_password_is_a_new_cookie() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let before = ada.copy();
    ada.post("/api/reauthenticate", "password=ada").await.is_empty();
    assert_ne!(ada.cookie(SESSION), before.cookie(SESSION));
    before.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn a_remembered_session_ends_after_thirty_days_whatever_the_browser_keeps() {
    let portal = Portal::launch().await;
    let ada = portal.browser();
    ada.post("/login", "name=ada&password=ada&remember=on").await;
    for _ in 0..29 {
        portal.clock.advance(DAY);
        assert_eq!(ada.get("/api/me").await.status, 200);
    }
    portal.clock.advance(2 * DAY);
    ada.get("/api/me").await.is_error(401, "missing");
}
