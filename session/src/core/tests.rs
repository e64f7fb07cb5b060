//! How a storage is waited for.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use rocket::futures::FutureExt;
use rocket::tokio::join;
use rocket::tokio::runtime::Builder;
use rocket::tokio::time::{Instant, sleep};

use super::Budget;

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

/// In time that a test sets.
#[test]
fn calls_have_what_those_before_them_left() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let budget = Budget::new(Duration::from_secs(10));
        let call = async |seconds| {
            let called = Instant::now();
            let answer = budget.wait(sleep(Duration::from_secs(seconds)).map(Ok)).await;
            (answer.is_ok(), called.elapsed().as_secs())
        };
        assert_eq!(call(4).await, (true, 4));
        // What the handler takes is not the storage's.
        sleep(Duration::from_secs(20)).await;
        assert_eq!(call(3).await, (true, 3));
        // Two at a time take as much as the longer of them.
        assert_eq!(join!(call(2), call(1)), ((true, 2), (true, 1)));
        assert_eq!(call(5).await, (false, 1), "no more than ten in all");
        assert_eq!(call(1).await, (false, 0));
        budget.renew(Duration::from_secs(2));
        assert_eq!(call(1).await, (true, 1));
        assert_eq!(call(3).await, (false, 1));
    });
}
