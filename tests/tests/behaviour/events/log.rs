//! What is told and logged of sessions.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rocket::http::Method;
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, Operation};
use rocket_typed_session::{
    Clock, Config, EndedBy, Event, EventKind, Handle, RefusedCookie, SessionError, StorageError,
};
use rocket_typed_session_tests::{Browser, Site, User, logs};

const MINUTE: Duration = Duration::from_mins(1);

/// Comes with cookies that are none.
async fn flood(browser: &Browser<'_>, times: usize) {
    browser.set_cookie("__Host-session", "nonsense");
    for _ in 0..times {
        assert_eq!(browser.get("/me").await.code(), 401);
    }
}

fn refusals() -> Vec<String> {
    logs::take().lines().filter(|line| line.contains("was refused")).map(str::to_owned).collect()
}

/// Anybody could fill the disk otherwise. The function that is told is told of each.
#[rocket::async_test]
async fn refused_cookies_are_logged_ten_times_a_minute() {
    let site = Site::open().await;
    logs::take();
    flood(&site.browser(), 200).await;
    let lines = refusals();
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("WARN rocket_typed_session::event: ")), "{lines:?}");
    assert_eq!(site.event_kinds(), vec![EventKind::Refused(RefusedCookie::Malformed); 200]);

    site.browser().send(Method::Post, "/theme/x", &[("Cookie", "__Host-session=x"), ("Origin", "null")]).await;
    assert!(refusals().concat().contains("`cross_site.trusted`"), "another reason is logged still");
    site.clock.advance(MINUTE);
    flood(&site.browser(), 20).await;
    let lines = refusals();
    assert_eq!(lines.len(), 10);
    assert!(lines[0].ends_with("190 before it are not in the log"), "{}", lines[0]);
}

///
#[rocket::async_test]
async fn a_16_the_events_of_a_request_say_whose_session_it_is_and_from_where() {
    let site = Site::open().await;
    let ip = [("X-Real-IP", "192.0.2.7")];
    let browser = site.browser();
    let send = async |method, page: &str| browser.send(method, page, &ip).await;
    send(Method::Post, "/login/7/member").await;
    let handle = browser.get("/handle").await.body;
    send(Method::Post, "/rotate").await;
    for (operation, page) in [(Operation::Commit, "/theme/dark"), (Operation::Delete, "/logout")] {
        site.faults().fail(operation, Fault::Before);
        send(Method::Post, page).await;
        site.faults().clear();
    }
    let events = site.events();
    let failed = events.iter().filter(|event| matches!(event.kind, EventKind::StorageFailed(_)));
    assert_eq!(failed.count(), 2, "{events:?}");
    for event in events.iter().filter(|event| !matches!(event.kind, EventKind::Refused(_))) {
        assert_eq!(event.handle.map(|handle| handle.to_string()).as_ref(), Some(&handle), "{event:?}");
        assert_eq!(
            (event.identifier.as_deref(), event.ip),
            (Some("7"), Some("192.0.2.7".parse().unwrap())),
            "{event:?}"
        );
    }
}

/// which session it would have been is not known.
#[rocket::async_test]
async fn a_16_a_failure_to_load_is_told_with_the_address() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.events();
    site.faults().fail(Operation::Load, Fault::Before);
    assert_eq!(browser.send(Method::Get, "/me", &[("X-Real-IP", "192.0.2.7")]).await.code(), 503);
    let [Event { kind: EventKind::StorageFailed(_), handle: None, ip: Some(ip), .. }] = &site.events()[..] else {
        panic!("one failure, from an address")
    };
    assert_eq!(ip.to_string(), "192.0.2.7");
}

///
#[rocket::async_test]
async fn a_16_who_ended_sessions_is_told() {
    let site = Site::open().await;
    let (one, two) = (site.member(7).await, site.member(7).await);
    site.events();
    one.post("/end-others").await;
    assert_eq!(site.event_kinds(), [EventKind::EndedMany(1, EndedBy::Owner)]);
    two.post("/login/7/member").await;
    site.events();
    site.sessions::<User>().end_all(&7).await.unwrap();
    assert_eq!(site.event_kinds(), [EventKind::EndedMany(2, EndedBy::Application)]);
}

///
#[rocket::async_test]
async fn a_16_a_sign_in_tells_of_the_session_that_it_replaces() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let before = browser.get("/handle").await.body;
    site.events();
    browser.post("/login/8/member").await;
    let after = browser.get("/handle").await.body;
    let told: Vec<_> =
        site.events().into_iter().map(|event| (event.kind, named(event.handle), event.identifier)).collect();
    let (seven, eight) = (Some("7".to_owned()), Some("8".to_owned()));
    let ended = (EventKind::Ended(EndedBy::Owner), before, seven);
    assert_eq!(told, [ended, (EventKind::Created, after, eight)]);
}

///
#[rocket::async_test]
async fn a_16_an_end_is_told_of_whom_it_was() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.get("/handle").await.body;
    site.events();
    browser.post("/hard/start-and-end/8").await;
    let [Event { kind: EventKind::Ended(EndedBy::Owner), handle: ended, identifier, .. }] = &site.events()[..] else {
        panic!("one end")
    };
    assert_eq!((named(*ended), identifier.as_deref()), (handle, Some("7")));
}

/// an end that was carried out, and not confirmed.
#[rocket::async_test]
async fn a_16_an_end_that_is_tried_again_is_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.events();
    site.faults().fail_next(Operation::Delete, Fault::After, 1);
    assert_eq!(browser.post("/logout").await.code(), 503);
    let ended = async {
        loop {
            if site.event_kinds().contains(&EventKind::Ended(EndedBy::Owner)) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(MINUTE, ended).await.expect("it is told of");
}

fn named(handle: Option<Handle>) -> String {
    handle.map(|handle| handle.to_string()).unwrap_or_default()
}

/// What is too large is the client's doing, and may be as often as it likes.
#[rocket::async_test]
async fn what_can_not_be_stored_is_no_failure_of_the_storage() {
    let site = Site::builder().config(|config| config.max_size = 600.into()).open().await;
    let browser = site.member(7).await;
    site.events();
    logs::take();
    for _ in 0..30 {
        assert_eq!(browser.post(&format!("/theme/{}", "x".repeat(1000))).await.code(), 500);
    }
    assert_eq!(site.event_kinds(), []);
    let said = logs::take();
    assert_eq!(said.lines().filter(|line| line.contains("is larger than 600")).count(), 10, "{said}");
}

///
#[rocket::async_test]
async fn a_16_expired_sessions_are_told_when_they_are_freed() {
    let site = Site::builder().storage(MemoryStorage::new()).open().await;
    let browser = site.member(7).await;
    site.member(8).await;
    site.events();
    let sessions = site.sessions::<User>();
    let handle = sessions.list(&7).await.unwrap()[0].handle;
    let expires_at = site.clock.now() + 60 * MINUTE;
    site.clock.advance(61 * MINUTE);
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::NoSession)]);
    site.clock.advance(6 * MINUTE);
    assert_eq!(sessions.delete_expired().await.unwrap(), 2);
    assert_eq!(sessions.delete_expired().await.unwrap(), 0);
    let mut told = site.events();
    told.sort_by_key(|event| event.identifier.clone());
    assert_eq!(told[0].handle, Some(handle));
    let told: Vec<_> =
        told.iter().map(|event| (&event.kind, event.identifier.as_deref(), event.at, event.ip)).collect();
    let expired = |id| (&EventKind::Expired, Some(id), expires_at, None);
    assert_eq!(told, [expired("7"), expired("8")]);
    assert!(site.events().is_empty());
}

#[rocket::async_test]
async fn freeing_what_expired_waits_no_longer_than_a_request_does() {
    let impatient = |config: &mut Config| config.timeout = Duration::from_millis(5);
    let site = Site::builder().storage(MemoryStorage::new()).config(impatient).open().await;
    site.faults().fail(Operation::Sweep, Fault::Hang);
    let freed = site.sessions::<User>().delete_expired().await;
    assert!(matches!(freed, Err(SessionError::Storage(StorageError::Timeout))), "{freed:?}");
    assert!(matches!(&*site.event_kinds(), [EventKind::StorageFailed(_)]));
}

#[rocket::async_test]
async fn freeing_what_expired_lets_others_in_after_each_batch() {
    let storage = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(storage.clone()).open().await;
    for _ in 0..600 {
        site.member(7).await;
    }
    site.clock.advance(66 * MINUTE);
    let sessions = site.sessions::<User>();
    let mut freeing = pin!(sessions.delete_expired());
    let mut held = storage.len();
    while held > 0 {
        let over = poll_fn(|context| Poll::Ready(freeing.as_mut().poll(context).is_ready())).await;
        assert!(held - storage.len() <= 256, "{}", held - storage.len());
        held = storage.len();
        assert!(!over || held == 0);
    }
}
