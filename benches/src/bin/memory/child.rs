//! One library, from many sessions to none.

use std::fmt;
use std::time::{Duration, Instant};

use benches::{Case, Library, Scenario, Visitor, runtime};
use rocket::tokio::time::sleep;

use crate::allocator::live;

/// How many sessions there are.
const SESSIONS: usize = 100_000;

/// How long each lives.
const LIFE: Duration = Duration::from_secs(15);

/// After how long they are all gone: flex frees expired sessions every five minutes; this library every minute, those
/// that expired five minutes ago.
const END: Duration = Duration::from_secs(390);

/// How often a request is sent while they are freed.
const PAUSE: Duration = Duration::from_millis(1);

/// What was found out about a library.
pub(crate) struct Report {
    library: Library,
    full: usize,
    empty: usize,
    before: Duration,
    during: Duration,
}

/// Signs in, waits for all of it to be freed, and sends requests meanwhile.
///
/// All on one thread, so that what holds it up can not hide on another.
pub(crate) fn run(library: Library) -> Report {
    runtime().block_on(async {
        let start = Instant::now();
        let visitor = Visitor::with_life(Case { library, scenario: Scenario::Read }, LIFE).await;
        let base = live();
        for _ in 0..SESSIONS {
            visitor.sign_in().await;
        }
        let full = live().saturating_sub(base);
        let before = longest_wait(&visitor, start + LIFE * 2).await;
        let during = longest_wait(&visitor, start + END).await;
        Report { library, full, empty: live().saturating_sub(base), before, during }
    })
}

/// Sends requests until then. A request that is sent late has waited since it was due.
async fn longest_wait(visitor: &Visitor, end: Instant) -> Duration {
    let mut longest = Duration::ZERO;
    let mut due = Instant::now();
    while due < end {
        visitor.visit().await;
        longest = longest.max(due.elapsed());
        due = Instant::now() + PAUSE;
        sleep(PAUSE).await;
    }
    longest
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { library, full, empty, before, during } = self;
        write!(f, "| {library} | {} | {} | {before:.1?} | {during:.1?} |", full / SESSIONS, empty / SESSIONS)
    }
}
