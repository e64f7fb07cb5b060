//! How a storage is waited for.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::futures::FutureExt;

use super::Budget;

/// Some storages let others come first by being asked again, which must not be at once.
#[rocket::async_test]
async fn what_is_not_ready_is_not_asked_again_at_once() {
    let budget = Budget(Mutex::new(Duration::from_secs(20)));
    let mut asked = 0;
    let call = poll_fn(|_| {
        asked += 1;
        Poll::<Result<(), _>>::Pending
    });
    assert!(budget.wait(call).now_or_never().is_none());
    assert_eq!(asked, 1);
    assert_eq!(budget.wait(async { Ok(5) }).await.unwrap(), 5);
}
