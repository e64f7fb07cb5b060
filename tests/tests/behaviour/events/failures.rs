//! What is told of changes that are lost, and of storages that fail.

use super::*;

/// Lets a request be overtaken by another before it commits, and returns the session of both.
async fn overtaken(site: &Site, late: &str, first: &str) -> Handle {
    let browser = site.member(7).await;
    let (tab, handle) = (browser.copy(), browser.handle().await);
    later(site);
    overtake(site.parking(), (Operation::Commit, When::Before), send(&browser, Post, late), send(&tab, Post, first))
        .await;
    handle
}

/// what the request that came first is told of is told first.
#[rocket::async_test]
async fn a_16_changes_that_are_lost_are_told() {
    let ended = EventKind::Ended(EndedBy::Owner);
    for (late, first, kinds) in [
        ("/nickname/late", "/nickname/first", vec![EventKind::Conflict(Some("nickname".into()))]),
        ("/theme/late", "/rotate", vec![EventKind::Rotated, EventKind::Conflict(None)]),
        ("/theme/late", "/logout", vec![ended, EventKind::Gone]),
    ] {
        let site = Site::open().await;
        let handle = overtaken(&site, late, first).await;
        let expected: Vec<_> = kinds.into_iter().map(|kind| told(&site, kind, handle, "7")).collect();
        assert_eq!(site.told(), expected, "{first}");
    }
}

///
#[rocket::async_test]
async fn a_16_edits_that_nobody_saves_are_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    later(&site);
    send(&browser, Get, "/stream-unsaved/dark").await;
    assert_eq!(site.told(), [told(&site, EventKind::EditsLost, handle, "7")]);
}

fn failed() -> EventKind {
    EventKind::StorageFailed("the session storage failed".into())
}

///
#[rocket::async_test]
async fn a_16_a_failure_is_told_of_the_session_that_it_harms() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    for (operation, page) in
        [(Operation::Commit, "/theme/dark"), (Operation::Rotate, "/rotate"), (Operation::Delete, "/logout")]
    {
        later(&site);
        site.faults().fail(operation, Fault::Before);
        assert_eq!(send(&browser, Post, page).await.code(), 503);
        site.faults().clear();
        assert_eq!(site.told(), [told(&site, failed(), handle, "7")], "{page}");
    }
}

/// which session it would have been is not known.
#[rocket::async_test]
async fn a_16_a_failure_to_load_is_told_with_the_address() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    later(&site);
    site.faults().fail(Operation::Load, Fault::Before);
    assert_eq!(send(&browser, Get, "/me").await.code(), 503);
    assert_eq!(site.told(), [Told::new(failed(), site.clock.now()).from_ip(IP)]);
}

///
#[rocket::async_test]
async fn a_16_a_failure_outside_a_request_is_told() {
    let site = Site::open().await;
    let handle = site.member(7).await.handle().await;
    let sessions = site.sessions::<User>();
    later(&site);
    for operation in [Operation::List, Operation::Count, Operation::DeleteAll, Operation::Find, Operation::DeleteHandle]
    {
        site.faults().fail(operation, Fault::Before);
    }
    let now = site.clock.now();
    sessions.list(&7).await.unwrap_err();
    sessions.count(&7).await.unwrap_err();
    sessions.end_all(&7).await.unwrap_err();
    assert_eq!(site.told(), [1; 3].map(|_| Told::new(failed(), now).whose("7")));
    sessions.get(&handle).await.unwrap_err();
    sessions.end_one(&handle).await.unwrap_err();
    assert_eq!(site.told(), [1; 2].map(|_| Told::new(failed(), now).of(handle)));
}
