//! One library, from many sessions to none.

use std::fmt;
use std::time::{Duration, Instant};

use benches::{Case, Library, Scenario, Sender, Visitor, runtime};
use cpu_time::ThreadTime;
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
    while_full: Duration,
    while_freed: Duration,
}

/// Signs in, waits for all of it to be freed, and sends requests meanwhile.
///
/// All on one thread, so that what holds it up can not hide on another.
pub(crate) fn run(library: Library) -> Report {
    runtime().block_on(async {
        let start = Instant::now();
        let visitor = Visitor::with_life(Case { library, scenario: Scenario::Read, sender: Sender::Local }, LIFE).await;
        let base = live();
        for _ in 0..SESSIONS {
            visitor.sign_in().await;
        }
        let full = live().saturating_sub(base);
        let while_full = longest_wait(&visitor, start + LIFE * 2).await;
        let while_freed = longest_wait(&visitor, start + END).await;
        Report { library, full, empty: live().saturating_sub(base), while_full, while_freed }
    })
}

/// Sends requests until then, and returns the longest CPU time between two answers, which is what a request waits on a
/// machine that does nothing else. Of that, an answer itself takes some microseconds.
async fn longest_wait(visitor: &Visitor, end: Instant) -> Duration {
    let mut longest = Duration::ZERO;
    let mut answered = ThreadTime::now();
    while Instant::now() < end {
        sleep(PAUSE).await;
        visitor.visit().await;
        longest = longest.max(answered.elapsed());
        answered = ThreadTime::now();
    }
    longest
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { library, full, empty, while_full, while_freed } = self;
        write!(f, "| {library} | {} | {} | {while_full:.1?} | {while_freed:.1?} |", full / SESSIONS, empty / SESSIONS)
    }
}
