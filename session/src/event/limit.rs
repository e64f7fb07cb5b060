//! How often that is logged which anybody may cause as often as they like.

use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Timestamp;

/// The most lines in a [`PERIOD`].
const MOST: u32 = 10;

const PERIOD: Duration = Duration::from_mins(1);

/// Counts what is logged of one thing.
#[derive(Debug, Default)]
pub(crate) struct Limit(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    began: Timestamp,
    logged: u32,
    /// How many were not logged since the last that was.
    withheld: u64,
}

impl Limit {
    /// Returns whether it is logged, and how many before it were not.
    pub(crate) fn admit(&self, now: Timestamp) -> Option<u64> {
        let mut count = self.0.lock();
        // A clock that was set back begins a new period, too.
        if now < count.began || now.since(count.began) >= PERIOD {
            count.began = now;
            count.logged = 0;
        }
        if count.logged == MOST {
            count.withheld += 1;
            return None;
        }
        count.logged += 1;
        Some(std::mem::take(&mut count.withheld))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + seconds * 1000)
    }

    fn admitted(limit: &Limit, now: Timestamp, times: u32) -> usize {
        (0..times).filter(|_| limit.admit(now).is_some()).count()
    }

    #[test]
    fn ten_are_logged_in_a_minute() {
        let limit = Limit::default();
        assert_eq!(admitted(&limit, at(0), 6), 6);
        assert_eq!(admitted(&limit, at(30), 600), 4);
        assert_eq!(limit.admit(at(59)), None);
        assert_eq!(limit.admit(at(60)), Some(597));
        assert_eq!(limit.admit(at(60)), Some(0));
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nothing() {
        let limit = Limit::default();
        assert_eq!(admitted(&limit, at(3600), 11), 10);
        assert_eq!(limit.admit(at(0)), Some(1));
    }
}
