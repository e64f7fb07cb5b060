//! Who somebody is, and who is let in.

use std::sync::Arc;
use std::time::Duration;

use rocket::{post, routes};
use rocket_typed_session::Session;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation};
use rocket_typed_session_tests::{App, Browser};

use super::{app, builder, revoking, revoking_in, signed_in};

/// session fixation. What was planted stays what it was.
#[rocket::async_test]
async fn a_01_a_planted_cookie_does_not_become_a_login() {
    let app = app().await;
    let browser = app.browser();
    browser.post("/login/8/member").await;
    let attacker = browser.copy();
    for page in ["/login/7/admin", "/role/admin"] {
        let before = browser.token();
        assert_eq!(browser.post(page).await.code(), 200);
        assert_ne!(browser.token(), before, "{page}");
    }
    assert!(browser.get("/me").await.body.starts_with("7 admin"));
    assert!(attacker.get("/me").await.body.starts_with("8 member"));
    assert_eq!(attacker.get("/admin").await.code(), 403);
    assert_ne!(browser.get("/handle").await.body, attacker.get("/handle").await.body);
}

/// to the session's public name, or in the session.
#[rocket::async_test]
async fn a_04_what_is_bound_to_a_sealed_session_before_signing_in_is_void_after() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    browser.post("/theme/csrf-of-before").await;
    assert!(browser.get("/me").await.body.contains("csrf-of-before"));
    let before = browser.get("/handle").await.body;
    browser.post("/login/7/member").await;
    assert_ne!(browser.get("/handle").await.body, before);
    assert!(!browser.get("/me").await.body.contains("csrf-of-before"));
}

/// where ends are kept.
#[rocket::async_test]
async fn a_01_with_revocations_signing_in_kills_the_cookie_before() {
    let app = revoking().await;
    for again in ["/login/8/member", "/restart/8"] {
        let browser = signed_in(&app, "admin").await;
        let before = browser.copy();
        browser.post(again).await;
        assert_ne!(browser.token(), before.token());
        assert_eq!((before.get("/me").await.code(), before.get("/admin").await.code()), (401, 401), "{again}");
        assert!(browser.get("/me").await.body.starts_with("8 member"));
    }
}

/// Somebody whose role was a number, before a deployment.
#[derive(Clone, Default, Session)]
struct Numbered {
    id: i64,
    #[session(role)]
    role: u32,
    theme: String,
    phone: String,
}

#[post("/number/<id>/<role>")]
fn number(session: Session<'_, Numbered>, id: i64, role: u32) {
    session.start(Numbered { id, role, ..Numbered::default() });
}

async fn assert_refused(browser: &Browser<'_>, code: u16) {
    for page in ["/admin", "/vault"] {
        let answer = browser.get(page).await;
        assert!(answer.code() == code && !answer.body.contains('7'), "{page}: {answer:?}");
    }
}

/// nobody, an expired and an unreadable session, and one under another key.
#[rocket::async_test]
async fn a_14_a_role_guard_fails_closed_for_sessions_in_cookies() {
    let app = app().await;
    let admin = signed_in(&app, "admin").await;
    assert_eq!((admin.get("/admin").await.code(), admin.get("/vault").await.code()), (200, 200));
    assert_refused(&app.browser(), 401).await;

    let numbering = App::builder().sessions::<Numbered>(CookieStorage::new()).mount(routes![number]).open().await;
    let numbered = numbering.browser();
    assert_eq!(numbered.post("/number/7/1").await.cookies.len(), 1);
    let unreadable = numbered.visiting(app.client()).get("/admin").await;
    assert_eq!(unreadable.code(), 403, "a role that can not be read is no role: {unreadable:?}");

    let elsewhere = builder(|_| ()).rocket("secret_key", [1; 32].to_vec()).open().await;
    assert_refused(&admin.visiting(elsewhere.client()), 401).await;

    app.clock.advance(Duration::from_hours(1));
    assert_refused(&admin, 401).await;
}

/// nobody knows whether the session was ended.
#[rocket::async_test]
async fn a_14_a_role_guard_fails_closed_without_revocations_to_ask() {
    let faults = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = revoking_in(faults.clone()).await;
    let admin = signed_in(&app, "admin").await;
    for fault in [Fault::Before, Fault::After] {
        faults.fail(Operation::Load, fault);
        assert_refused(&admin, 503).await;
        faults.clear();
    }
    assert_eq!(admin.get("/admin").await.code(), 200);
}
