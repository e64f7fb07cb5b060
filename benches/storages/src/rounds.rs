//! CPU time per request, in turn with the others.

use cpu_time::ProcessTime;
use rocket::tokio::task::LocalSet;

use crate::app;
use crate::case::{Framework, Library, Scenario, Storage};
use crate::servers::Servers;
use crate::visitor::Visitor;

/// A library on a storage, asked for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Bare(Framework),
    With(Library, Storage, Scenario),
}

struct Timed {
    case: Case,
    visitor: Visitor,
    /// Microseconds per request in each round.
    rounds: Vec<f64>,
}

/// Every case that is measured.
pub(crate) struct Rounds {
    timed: Vec<Timed>,
}

impl Rounds {
    pub(crate) async fn start(servers: &Servers) -> Self {
        let mut timed = Vec::new();
        let mut push = |case, visitor| timed.push(Timed { case, visitor, rounds: Vec::new() });
        for framework in Framework::ALL {
            push(Case::Bare(framework), Visitor::bare(app::bare(framework).await));
        }
        for storage in Storage::ALL {
            for library in Library::ALL.into_iter().filter(|library| library.has(storage)) {
                let app = app::with_sessions(library, storage, servers).await;
                for scenario in Scenario::ALL {
                    push(Case::With(library, storage, scenario), Visitor::new(app.clone(), scenario).await);
                }
            }
        }
        Self { timed }
    }

    /// Times every case once, beginning with another one in every round.
    pub(crate) async fn run(&mut self, round: usize, local: &LocalSet) {
        let cases = self.timed.len();
        for turn in 0..cases {
            let Timed { visitor, rounds, .. } = &mut self.timed[(round + turn) % cases];
            let start = ProcessTime::now();
            let requests = visitor.turn(local).await;
            rounds.push(per_request(start, requests));
        }
    }

    fn rounds(&self, case: Case) -> &[f64] {
        self.timed.iter().find(|timed| timed.case == case).map_or(&[], |timed| &timed.rounds)
    }

    /// Returns what a request costs in each round over the bare route of the framework.
    pub(crate) fn over(&self, library: Library, storage: Storage, scenario: Scenario) -> Vec<f64> {
        let bare = self.rounds(Case::Bare(library.framework()));
        let with = self.rounds(Case::With(library, storage, scenario));
        with.iter().zip(bare).map(|(with, bare)| with - bare).collect()
    }

    /// Returns what a request to the bare route costs.
    pub(crate) fn bare(&self, framework: Framework) -> f64 {
        median(self.rounds(Case::Bare(framework)).to_vec())
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn per_request(start: ProcessTime, requests: usize) -> f64 {
    start.elapsed().as_secs_f64() * 1e6 / requests as f64
}

pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
