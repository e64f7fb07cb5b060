//! A clock to set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::clock::{Clock, Now, Timestamp};

/// A clock that stands still until it is set or advanced. Its clones show the same time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use rocket_typed_session::Clock;
/// use rocket_typed_session::testing::TestClock;
///
/// let clock = TestClock::new();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), before + Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Returns a clock that shows the 1st of January 2030, 00:00 UTC.
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_893_456_000_000)))
    }

    /// Returns the time, as storages are given it.
    pub fn timestamp(&self) -> Now {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Sets the time, forwards or backwards.
    pub fn set(&self, time: SystemTime) {
        self.0.store(Timestamp::from(time).as_millis(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        self.timestamp().into()
    }
}
