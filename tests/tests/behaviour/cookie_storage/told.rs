//! What the application is told of sessions in cookies.

use std::sync::Arc;
use std::time::Duration;

use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation};
use rocket_typed_session::{EndedBy, EventKind, RefusedCookie};
use rocket_typed_session_tests::App;

use super::{COOKIE, app, builder, revoking, revoking_in, signed_in};

fn kinds(app: &App) -> Vec<EventKind> {
    app.events().into_iter().map(|event| event.kind).collect()
}

/// in its order, with the session's public name.
#[rocket::async_test]
async fn a_16_the_life_of_a_sealed_session_is_told() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let handle = browser.get("/handle").await.body;
    for page in ["/theme/dark", "/rotate", "/role/admin", "/authenticate", "/logout"] {
        assert_eq!(browser.post(page).await.cookies.len(), 1, "{page}");
    }
    let events = app.events();
    assert_eq!(
        events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>(),
        [
            EventKind::Created,
            EventKind::Rotated,
            EventKind::Rotated,
            EventKind::Rotated,
            EventKind::Ended(EndedBy::Owner),
        ]
    );
    for event in events {
        assert_eq!((event.session, event.handle.unwrap().to_string()), ("session", handle.clone()));
    }
}

/// every reason for which a cookie can be no session.
#[rocket::async_test]
async fn a_16_sealed_sessions_that_are_refused_are_told_with_the_reason() {
    let app = revoking().await;
    let elsewhere = builder(|_| ()).rocket("secret_key", [1; 32].to_vec()).open().await;
    let foreign = signed_in(&elsewhere, "member").await.token();
    let (ended, expired) = (signed_in(&app, "member").await, signed_in(&app, "member").await);
    let ended_copy = ended.copy();
    ended.post("/logout").await;
    let token = expired.token();
    let (head, tail) = token.split_at(60);
    let forged = format!("{head}{}{}", if tail.starts_with('A') { 'B' } else { 'A' }, &tail[1..]);
    let reasons = [
        ("nonsense".to_owned(), RefusedCookie::Malformed),
        (foreign, RefusedCookie::UnknownKey),
        (forged, RefusedCookie::Forged),
        (format!("{token}; {COOKIE}={}", signed_in(&app, "member").await.token()), RefusedCookie::Ambiguous),
        (ended_copy.token(), RefusedCookie::NoSession),
        (token, RefusedCookie::NoSession),
    ];
    app.events();
    app.clock.advance(Duration::from_mins(1));
    for (value, reason) in reasons {
        if value == expired.token() {
            app.clock.advance(Duration::from_hours(1));
        }
        let browser = app.browser();
        browser.set_cookie(COOKIE, &value);
        assert_eq!(browser.get("/me").await.code(), 401);
        assert_eq!(kinds(&app), [EventKind::Refused(reason)]);
    }
}

/// where nobody knows whether a session was ended, and where that can not be kept.
#[rocket::async_test]
async fn a_16_what_goes_wrong_with_sealed_sessions_is_told() {
    let faults = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = revoking_in(faults.clone()).await;
    let browser = signed_in(&app, "member").await;
    app.events();
    for (operation, page) in [(Operation::Load, "/theme/dark"), (Operation::Create, "/logout")] {
        faults.fail(operation, Fault::Before);
        assert_eq!(browser.copy().post(page).await.code(), 503);
        faults.clear();
        let told = kinds(&app);
        assert!(matches!(&told[..], [EventKind::StorageFailed(_)]), "{page}: {told:?}");
    }
}
