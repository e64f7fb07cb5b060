use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Compared, Stamps};
use crate::Session;
use crate::clock::Timestamp;
use crate::token::{Handle, Tag};

#[derive(Clone, Session)]
#[session(crate = crate, required)]
struct User {
    #[session(identifier)]
    id: i64,
}

/// Compares stamps that are all good, and counts how often that was asked for.
fn stamps() -> (Stamps<User>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let source = move |_: &Arc<User>| {
        count.fetch_add(1, Ordering::SeqCst);
        Some(Box::pin(std::future::ready(Ok(true))) as _)
    };
    (Stamps::new(Arc::new(source), Duration::from_mins(5)), asked)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + seconds * 1000)
}

fn handle() -> Handle {
    Handle::random(Tag::random().unwrap()).unwrap()
}

#[rocket::async_test]
async fn who_is_overtaken_by_a_later_request_does_not_ask_again() {
    let ((stamps, asked), handle, user) = (stamps(), handle(), Arc::new(User { id: 7 }));
    for (second, times) in [(100, 1), (99, 1), (399, 1), (400, 2), (100, 3)] {
        assert!(stamps.compare(handle, &user, at(second)).await.unwrap());
        assert_eq!(asked.load(Ordering::SeqCst), times, "{second}");
    }
}

#[rocket::async_test]
async fn no_more_sessions_are_remembered_than_there_is_room_for() {
    let ((stamps, _), user) = (stamps(), Arc::new(User { id: 7 }));
    for _ in 0..Compared::MOST * 2 {
        stamps.compare(handle(), &user, at(0)).await.unwrap();
        assert!(stamps.compared.lock().moments.len() <= Compared::MOST);
    }
}

#[rocket::async_test]
async fn to_make_room_only_what_was_compared_long_ago_is_forgotten() {
    let ((stamps, asked), user) = (stamps(), Arc::new(User { id: 7 }));
    let compare = async |handles: &[Handle], second| {
        let before = asked.load(Ordering::SeqCst);
        for handle in handles {
            stamps.compare(*handle, &user, at(second)).await.unwrap();
        }
        asked.load(Ordering::SeqCst) - before
    };
    let [old, recent]: [Vec<_>; 2] = [(); 2].map(|()| (0..Compared::FEWEST / 2).map(|_| handle()).collect());
    assert_eq!(compare(&old, 0).await + compare(&recent, 200).await, Compared::FEWEST);
    compare(&[handle()], 300).await;
    assert_eq!(stamps.compared.lock().moments.len(), recent.len() + 1);
    assert_eq!(compare(&recent, 300).await, 0);
}
