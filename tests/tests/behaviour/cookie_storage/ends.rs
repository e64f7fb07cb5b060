//! Ending, with and without revocations.

use std::sync::Arc;
use std::time::Duration;

use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, ParkStorage, SpyStorage, When};
use rocket_typed_session::{EndedBy, EventKind};
use rocket_typed_session_tests::overtake;

use super::{COOKIE, app, builder, revoking, revoking_in, signed_in};

/// C-07, flex 16
#[rocket::async_test]
async fn c_07_signing_out_removes_the_cookie() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let set = browser.post("/theme/dark").await.set_cookie(COOKIE).unwrap();
    let removal = browser.post("/logout").await.set_cookie(COOKIE).unwrap();
    assert_eq!((removal.max_age(), removal.place()), (Some(0), set.place()));
    assert_eq!(browser.get("/me").await.code(), 401);
}

/// Documented: a copy replays until it expires.
#[rocket::async_test]
async fn without_revocations_a_copy_outlives_the_end() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let copy = browser.copy();
    browser.post("/logout").await;
    assert_eq!(copy.get("/session").await.body, "light");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(copy.get("/session").await.body, "nobody");
}

/// none of the cookies that a session ever had works again.
#[rocket::async_test]
async fn a_05_with_revocations_no_copy_outlives_the_end() {
    let app = revoking().await;
    let browser = signed_in(&app, "member").await;
    let mut copies = vec![browser.copy()];
    for uri in ["/theme/dark", "/rotate", "/role/admin", "/ttl/864000", "/ttl/60"] {
        assert_eq!(browser.post(uri).await.cookies.len(), 1);
        copies.push(browser.copy());
    }
    app.events();
    assert_eq!(browser.post("/logout").await.cookies.len(), 1);
    assert_eq!(app.events()[0].kind, EventKind::Ended(EndedBy::Owner));
    for later in [0, 1, 24, 24 * 9] {
        app.clock.advance(Duration::from_hours(later));
        for copy in &copies {
            let answer = copy.get("/session").await;
            assert_eq!((answer.body.as_str(), answer.cookies.len()), ("nobody", 0), "{later} hours later");
        }
    }
    let other = signed_in(&app, "member").await;
    assert_eq!(other.get("/session").await.body, "light");
}

/// for every outcome of the request.
#[rocket::async_test]
async fn a_05_with_revocations_an_end_is_carried_out_whatever_the_answer_is() {
    let app = revoking().await;
    for uri in ["/logout/404", "/logout/500", "/logout/panic", "/stream-end"] {
        let browser = signed_in(&app, "member").await;
        let copy = browser.copy();
        let answer = if uri == "/stream-end" { browser.get(uri).await } else { browser.post(uri).await };
        assert_eq!(copy.get("/session").await.body, "nobody", "{uri}: {answer:?}");
    }
}

#[rocket::async_test]
async fn without_revocations_an_end_is_too_late_once_the_response_has_started() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    assert_eq!(browser.get("/stream-end").await.body, "Err(TooLate)");
    assert_eq!(browser.get("/session").await.body, "light");
    for uri in ["/logout/500", "/logout/panic"] {
        let browser = signed_in(&app, "member").await;
        assert_eq!(browser.post(uri).await.set_cookie(COOKIE).unwrap().max_age(), Some(0), "{uri}");
    }
}

/// a request that was under way while its session was ended brings nothing back.
#[rocket::async_test]
async fn a_06_with_revocations_a_request_under_way_revives_nothing() {
    let app = revoking().await;
    let browser = signed_in(&app, "member").await;
    let other = browser.copy();
    browser.post("/logout").await;
    // What a response that overtook the end would have brought: a newer cookie of the same session.
    let unrevoking = builder(|_| ()).open().await;
    let under_way = other.visiting(unrevoking.client());
    assert_eq!(under_way.post("/theme/revived").await.cookies.len(), 1);
    assert_eq!(under_way.visiting(app.client()).get("/session").await.body, "nobody");
}

/// Each request that uses a session looks once, each end writes once, and nothing else reaches the revocations.
#[rocket::async_test]
async fn revocations_are_asked_once_in_a_request() {
    let spy = Arc::new(SpyStorage::new(MemoryStorage::new()));
    let app = revoking_in(spy.clone()).await;
    let browser = signed_in(&app, "member").await;
    let operations = || {
        let calls = spy.calls();
        spy.clear();
        calls.into_iter().map(|call| call.operation).collect::<Vec<_>>()
    };
    assert_eq!(operations(), []);
    browser.post("/theme/dark").await;
    assert_eq!(operations(), [Operation::Load]);
    browser.get("/guest/a").await;
    assert_eq!(operations(), []);
    browser.post("/logout").await;
    assert_eq!(operations(), [Operation::Load, Operation::Create]);
}

#[rocket::async_test]
async fn revocations_are_freed_when_no_cookie_can_come_back() {
    let memory = Arc::new(MemoryStorage::new());
    let app = revoking_in(memory.clone()).await;
    let browser = signed_in(&app, "member").await;
    browser.post("/logout").await;
    for (later, kept) in [(25, 1), (1, 0)] {
        app.clock.advance(Duration::from_hours(later));
        let freed = app.sessions::<super::User>().delete_expired().await.unwrap();
        assert_eq!((freed, memory.len()), (0, kept), "{later} hours later");
    }
}

/// F-04, F-06
#[rocket::async_test]
async fn f_04_revocations_that_do_not_answer_are_a_503() {
    let faults = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = revoking_in(faults.clone()).await;
    let browser = signed_in(&app, "member").await;
    let copy = browser.copy();
    faults.fail(Operation::Load, Fault::Before);
    let answer = browser.get("/session").await;
    assert_eq!((answer.code(), answer.cookies.len()), (503, 0));
    faults.clear();
    assert_eq!(browser.get("/session").await.body, "light");
    faults.fail(Operation::Create, Fault::Before);
    let answer = browser.post("/logout").await;
    assert_eq!((answer.code(), answer.cookies.len()), (503, 1), "{answer:?}");
    faults.clear();
    for _ in 0..100 {
        rocket::tokio::time::sleep(Duration::from_millis(20)).await;
        if copy.get("/session").await.body == "nobody" {
            return;
        }
    }
    panic!("the end was not tried again");
}

///
#[rocket::async_test]
async fn a_09_raising_the_epoch_ends_everyones_sessions() {
    let first = builder(|config| config.cookie.epoch = 1).open().await;
    let browser = signed_in(&first, "member").await;
    let same = builder(|config| config.cookie.epoch = 1).open().await;
    assert_eq!(browser.visiting(same.client()).get("/session").await.body, "light");
    let raised = builder(|config| config.cookie.epoch = 2).open().await;
    let answer = browser.visiting(raised.client()).get("/session").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("nobody", 0));
    let anew = signed_in(&raised, "member").await;
    assert_eq!(anew.get("/session").await.body, "light");
}

///
#[rocket::async_test]
async fn a_09_ending_everyone_by_a_call_is_refused_and_says_what_to_do() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let answer = browser.post("/everyone/end").await;
    assert!(answer.body.contains("raise `cookie.epoch`"), "{answer:?}");
    assert_eq!(browser.get("/session").await.body, "light");
}

/// though the cookie that the request came with has expired meanwhile.
#[rocket::async_test]
async fn a_05_with_revocations_an_end_that_takes_long_ends_the_cookies_that_came_after() {
    let revocations = Arc::new(ParkStorage::new(MemoryStorage::new()));
    let app = revoking_in(revocations.clone()).await;
    let browser = signed_in(&app, "member").await;
    let tab = browser.copy();
    let meanwhile = async {
        for theme in ["dark", "blue"] {
            app.clock.advance(Duration::from_mins(45));
            assert_eq!(tab.post(&format!("/theme/{theme}")).await.cookies.len(), 1);
        }
    };
    let logout = browser.post("/logout");
    let (logout, ()) = overtake(&revocations, (Operation::Load, When::After), logout, meanwhile).await;
    assert_eq!(logout.code(), 200);
    assert_eq!(tab.get("/session").await.body, "nobody");
}
