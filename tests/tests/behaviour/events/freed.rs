//! What is told of sessions that expired, and how they are freed.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::*;

///
#[rocket::async_test]
async fn a_16_expired_sessions_are_told_when_they_are_freed() {
    let site = Site::builder().storage(MemoryStorage::new()).open().await;
    let browser = site.member(7).await;
    let (seven, eight) = (browser.handle().await, site.member(8).await.handle().await);
    site.events();
    let sessions = site.sessions::<User>();
    let expires_at = site.clock.now() + 60 * MINUTE;
    site.clock.advance(61 * MINUTE);
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::NoSession)]);
    site.clock.advance(6 * MINUTE);
    assert_eq!(sessions.delete_expired().await.unwrap(), 2);
    assert_eq!(sessions.delete_expired().await.unwrap(), 0);
    let mut events = site.events();
    events.sort_by_key(|event| event.identifier.clone());
    let expired = |handle, id| Told::new(EventKind::Expired, expires_at).of(handle).whose(id);
    assert_eq!(events.into_iter().map(Told::from).collect::<Vec<_>>(), [expired(seven, "7"), expired(eight, "8")]);
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
