//! Beginning, using and expiring.

use std::time::{Duration, UNIX_EPOCH};

use rocket::http::Method;
use rocket_typed_session::{EventKind, RefusedCookie};

use super::{COOKIE, app, signed_in};

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

/// Behaviour 28: empty, set, read, a time to live that passes, set anew, read, delete, gone.
#[rocket::async_test]
async fn a_session_lives_from_its_beginning_to_its_end() {
    let app = app().await;
    let browser = app.browser();
    assert_eq!(browser.get("/session").await.body, "nobody");
    browser.post("/login/7/member").await;
    assert_eq!(browser.get("/session").await.body, "light");
    assert_eq!(browser.post("/ttl/1").await.set_cookie(COOKIE).unwrap().max_age(), Some(1));
    app.clock.advance(2 * SECOND);
    assert_eq!(browser.get("/session").await.body, "nobody");
    let fresh = app.browser();
    fresh.post("/login/8/member").await;
    assert!(fresh.get("/me").await.body.starts_with("8 member light"));
    fresh.post("/logout").await;
    assert_eq!((fresh.cookie(COOKIE), fresh.get("/session").await.body), (None, "nobody".into()));
}

/// Behaviour 8, decided otherwise: each key is sent, since the cookie is where it lives.
#[rocket::async_test]
async fn both_keys_of_a_session_of_nobody_are_read() {
    let app = app().await;
    let browser = app.browser();
    assert_eq!(browser.get("/guest/a").await.code(), 404);
    assert_eq!(browser.post("/guest/a/1").await.cookies.len(), 1);
    assert_eq!(browser.post("/guest/b/2").await.cookies.len(), 1);
    assert_eq!((browser.get("/guest/a").await.body, browser.get("/guest/b").await.body), ("1".into(), "2".into()));
    assert_eq!(browser.get("/guest/c").await.code(), 404);
}

///
#[rocket::async_test]
async fn a_15_visitors_get_no_cookie() {
    let app = app().await;
    let browser = app.browser();
    for uri in ["/session", "/me", "/guest/a", "/times"] {
        assert!(browser.get(uri).await.cookies.is_empty(), "{uri}");
    }
    assert!(browser.post("/logout").await.cookies.is_empty());
}

/// L-01: the cookie is kept in the jar and sent on, whatever its life was.
#[rocket::async_test]
async fn l_01_an_unused_session_ends_though_its_cookie_is_kept() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    app.clock.advance(HOUR - SECOND);
    assert_eq!(browser.copy().get("/session").await.body, "light");
    app.clock.advance(SECOND);
    app.events();
    let answer = browser.get("/session").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("nobody", 0));
    let kinds: Vec<_> = app.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Refused(RefusedCookie::NoSession)]);
    assert_eq!(browser.get("/me").await.code(), 401);
}

/// L-02
#[rocket::async_test]
async fn l_02_a_session_in_constant_use_ends_at_its_deadline() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for half_hours in 1..48 {
        app.clock.advance(HOUR / 2);
        if half_hours == 20 {
            assert_eq!(browser.post("/rotate").await.cookies.len(), 1);
        }
        assert_eq!(browser.get("/session").await.body, "light", "after {half_hours} half hours");
    }
    app.clock.advance(HOUR / 2);
    assert_eq!(browser.get("/session").await.body, "nobody");
}

/// L-02: who keeps all cookies has none that outlives the deadline.
#[rocket::async_test]
async fn l_02_no_cookie_of_a_session_outlives_its_deadline() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let mut kept = vec![browser.copy()];
    for _ in 0..60 {
        app.clock.advance(HOUR / 2);
        browser.get("/session").await;
        kept.push(browser.copy());
    }
    for copy in kept {
        assert_eq!(copy.get("/session").await.body, "nobody");
    }
}

/// L-03
#[rocket::async_test]
async fn l_03_signing_in_again_begins_both_lifetimes_anew() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for _ in 0..47 {
        app.clock.advance(HOUR / 2);
        browser.get("/session").await;
    }
    browser.post("/authenticate").await;
    for _ in 0..40 {
        app.clock.advance(HOUR / 2);
        assert_eq!(browser.get("/session").await.body, "light");
    }
}

/// A visitor's session takes no room on the server, so it has its whole idle time from the beginning.
#[rocket::async_test]
async fn a_session_of_nobody_has_its_whole_idle_time_at_once() {
    let app = app().await;
    let browser = app.browser();
    browser.post("/guest/a/1").await;
    app.clock.advance(HOUR / 2 - SECOND);
    assert!(browser.copy().get("/guest/a").await.cookies.is_empty());
    app.clock.advance(HOUR / 2);
    assert_eq!(browser.copy().get("/guest/a").await.code(), 200);
    app.clock.advance(SECOND);
    assert_eq!(browser.get("/guest/a").await.code(), 404);
}

/// The public name and the time of the beginning stay; signing in anew changes both.
#[rocket::async_test]
async fn a_session_keeps_its_name_and_its_beginning() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let (handle, times) = (browser.get("/handle").await.body, browser.get("/times").await.body);
    app.clock.advance(60 * SECOND);
    for uri in ["/theme/dark", "/rotate", "/role/admin"] {
        browser.post(uri).await;
    }
    assert_eq!((browser.get("/handle").await.body, browser.get("/times").await.body), (handle.clone(), times));
    browser.post("/restart/7").await;
    assert_ne!(browser.get("/handle").await.body, handle);
    assert!(!browser.get("/times").await.body.contains(&format!("{UNIX_EPOCH:?}")));
}

///
#[rocket::async_test]
async fn a_13_a_fresh_guard_asks_for_a_new_proof() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.get("/vault").await.code(), 200);
    app.clock.advance(Duration::from_mins(16));
    let stale = browser.get("/vault").await;
    assert_eq!((stale.code(), stale.body.as_str()), (401, "401 Some(Stale)"));
    assert_eq!(browser.post("/authenticate").await.cookies.len(), 1);
    assert_eq!(browser.get("/vault").await.code(), 200);
}

///
#[rocket::async_test]
async fn a_02_a_role_guard_follows_the_role() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let before = browser.copy();
    assert_eq!(browser.get("/admin").await.code(), 403);
    assert_eq!(browser.post("/role/admin").await.cookies.len(), 1);
    assert_eq!((browser.get("/admin").await.body, before.get("/admin").await.code()), ("hello 7".into(), 403));
    assert_eq!(app.browser().get("/admin").await.code(), 401);
}

#[rocket::async_test]
async fn a_flash_is_shown_once() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    browser.post("/notice/saved").await;
    assert!(browser.get("/me").await.body.ends_with("Some(\"saved\")"));
    assert!(browser.head("/notice").await.cookies.is_empty(), "nobody reads the answer");
    assert_eq!(browser.get("/notice").await.body, "saved");
    assert_eq!(browser.get("/notice").await.body, "none");
}

/// C-08
#[rocket::async_test]
async fn c_08_caches_are_told_of_what_a_cookie_carries() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let read = browser.send(Method::Get, "/session", &[]).await;
    assert_eq!((read.header("Vary").as_deref(), read.header("Cache-Control")), (Some("Cookie"), None));
    let written = browser.post("/theme/dark").await;
    assert_eq!(written.header("Vary").as_deref(), Some("Cookie"));
    assert_eq!(written.header("Cache-Control").as_deref(), Some("no-store"));
}
