//! Ends that fail.

use super::*;

#[rocket::async_test]
async fn f_06_a_failed_logout_is_no_success_but_the_cookie_goes_and_the_session_later() {
    for fault in EVERY {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder()
            .storage(memory.clone())
            .config(|config| config.timeout = Duration::from_millis(5))
            .open()
            .await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        site.faults().fail_next(Delete, fault, 1);
        let again = site.parking().park(Delete, When::After);
        if matches!(fault, After | HangAfter) {
            // What was applied has passed here already.
            site.parking().park(Delete, When::Before).release();
            again.release();
        }
        let answer = browser.post("/logout").await;
        assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(Storage)"));
        assert_eq!(answer.cookies.len(), 1);
        assert_eq!(browser.cookie("__Host-session"), None);
        assert!(has_failed(&site.event_kinds()));
        if matches!(fault, Before | Hang) {
            assert_eq!(memory.len(), 1);
            again.reached().await;
            again.release();
        }
        assert!(memory.is_empty());
        assert_eq!(thief.get("/me").await.code(), 401);
    }
}

#[rocket::async_test]
async fn the_end_is_told_when_it_succeeded_at_last() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.get("/handle").await.body;
    site.events();
    site.faults().fail_next(Delete, Before, 1);
    browser.post("/logout").await;
    let ended = |kind: &EventKind| *kind == EventKind::Ended(EndedBy::Owner);
    assert!(!site.event_kinds().iter().any(ended));
    let event = loop {
        rocket::tokio::task::yield_now().await;
        if let Some(event) = site.events().into_iter().find(|event| ended(&event.kind)) {
            break event;
        }
    };
    assert_eq!(event.handle.map(|handle| handle.to_string()), Some(handle));
}

#[rocket::async_test]
async fn the_end_is_carried_out_though_the_sign_in_after_it_fails() {
    for fault in EVERY {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder()
            .storage(memory.clone())
            .config(|config| config.timeout = Duration::from_millis(20))
            .open()
            .await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        site.faults().fail(Rotate, fault);
        let answer = browser.post("/restart/8").await;
        assert_eq!((answer.code(), answer.cookies.len()), (503, 1));
        assert_eq!(browser.cookie("__Host-session"), None);
        while !memory.is_empty() {
            rocket::tokio::task::yield_now().await;
        }
        assert_eq!(thief.get("/me").await.code(), 401);
    }
}

#[rocket::async_test]
async fn an_error_or_a_panic_after_the_end_does_not_undo_it() {
    for path in ["/logout/500", "/logout/503", "/logout/404", "/logout/panic", "/hard/redirecting/end-and-panic"] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let answer = browser.post(path).await;
        assert_ne!(answer.code(), 200);
        assert_eq!(answer.cookies.len(), 1, "{path}");
        assert!(memory.is_empty(), "{path}");
    }
}

#[rocket::async_test]
async fn an_end_of_all_that_fails_is_an_error_and_no_sign_out() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.faults().fail(DeleteAll, Before);
    for path in ["/end-all", "/end-others"] {
        let answer = browser.post(path).await;
        assert_eq!((answer.code(), answer.cookies.len()), (503, 0));
    }
    site.faults().clear();
    assert_eq!(browser.get("/me").await.code(), 200);
}

#[rocket::async_test]
async fn a_client_that_goes_away_does_not_undo_a_logout() {
    for when in [When::Before, When::After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        let parked = site.parking().park(Delete, when);
        rocket::tokio::select! {
            answer = browser.post("/logout") => panic!("{answer:?}"),
            () = parked.reached() => {}
        }
        drop(parked);
        while !memory.is_empty() {
            rocket::tokio::task::yield_now().await;
        }
        assert_eq!(thief.get("/me").await.code(), 401);
    }
}

#[rocket::async_test]
async fn an_end_that_a_stream_leaves_unsaved_is_carried_out() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.get("/hard/stream-end-unsaved").await.body, "ended");
    while !memory.is_empty() {
        rocket::tokio::task::yield_now().await;
    }
    assert_eq!(browser.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn a_05_an_end_that_is_tried_again_ends_what_was_renewed_meanwhile() {
    let site = Site::builder().config(|config| config.renew = Some(Duration::from_hours(1) / 2)).open().await;
    let browser = site.member(7).await;
    let thief = browser.copy();
    site.faults().fail_next(Delete, Before, 1);
    let again = site.parking().park(Delete, When::Before);
    assert_eq!(browser.post("/logout").await.code(), 503);
    again.reached().await;
    site.clock.advance(Duration::from_hours(1) / 2);
    for _ in 0..2 {
        assert_eq!(thief.get("/me").await.code(), 200);
    }
    site.clock.advance(Duration::from_secs(31));
    site.events();
    again.release();
    while !site.event_kinds().contains(&EventKind::Ended(EndedBy::Owner)) {
        rocket::tokio::task::yield_now().await;
    }
    assert_eq!(thief.get("/me").await.code(), 401);
}
