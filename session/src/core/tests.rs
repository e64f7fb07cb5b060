//! How a storage is waited for, and what is said of its failures.

use std::future::{pending, poll_fn};
use std::task::Poll;
use std::time::Duration;

use rocket::futures::FutureExt;

use super::{Budget, chain};
use crate::error::StorageError;

/// Some storages let others come first by being asked again, which must not be at once.
#[rocket::async_test]
async fn what_is_not_ready_is_not_asked_again_at_once() {
    let budget = Budget::new(Duration::from_secs(20));
    let mut asked = 0;
    let call = poll_fn(|_| {
        asked += 1;
        Poll::<Result<(), _>>::Pending
    });
    assert!(budget.wait(call).now_or_never().is_none());
    assert_eq!(asked, 1);
    assert_eq!(budget.wait(async { Ok(5) }).await.unwrap(), 5);
}

#[rocket::async_test]
async fn a_call_takes_no_more_than_what_is_left() {
    let budget = Budget::new(Duration::from_secs(20));
    for _ in 0..3 {
        let before = *budget.0.lock();
        assert!(budget.wait(pending::<Result<(), _>>()).now_or_never().is_none());
        let left = *budget.0.lock();
        assert!(left <= before && left > Duration::from_secs(10), "{left:?} of {before:?}");
    }
    budget.renew(Duration::ZERO);
    assert!(matches!(budget.wait(pending::<Result<(), _>>()).await, Err(StorageError::Timeout)));
    assert_eq!(*budget.0.lock(), Duration::ZERO);
    assert_eq!(budget.wait(async { Ok(5) }).await.unwrap(), 5, "what is ready needs no time");
}

#[rocket::async_test]
async fn there_may_be_no_end_of_time() {
    let budget = Budget::new(Duration::MAX);
    assert!(budget.wait(pending::<Result<(), _>>()).now_or_never().is_none());
    assert!(*budget.0.lock() > Duration::from_hours(24 * 365));
}

/// An error that writes its source itself, as some do.
#[derive(Debug)]
struct Telling(std::io::Error);

impl std::fmt::Display for Telling {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "no answer: {}", self.0)
    }
}

impl std::error::Error for Telling {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn what_an_error_says_is_said_once() {
    let failed = StorageError::unavailable(Telling(std::io::Error::other("nobody listens")));
    assert_eq!(chain(&failed), "the session storage failed: no answer: nobody listens");
}
