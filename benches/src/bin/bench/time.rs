//! CPU time per request.

use benches::{Case, Library, Scenario, Sender, Visitor, runtime};
use cpu_time::ProcessTime;
use rocket::tokio::runtime::Runtime;

use crate::table::{Row, Table};

/// Who sends the requests.
const SENDER: Sender = Sender::Browser;

/// How often every case is timed, in turn with the others.
const ROUNDS: usize = 31;

/// How many requests are timed at once.
const REQUESTS: u32 = 1_000;

/// Times every case.
pub(crate) fn table() -> Table {
    let runtime = runtime();
    let mut timings = Timings::start(&runtime);
    for round in 0..ROUNDS {
        timings.round(&runtime, round);
    }
    let bare =
        median(timings.of(Case { library: Library::Bare, scenario: Scenario::Attached, sender: SENDER }).to_vec());
    let row = |scenario| Row {
        scenario,
        ours: timings.over(Case { library: Library::Typed, scenario, sender: SENDER }),
        peer: timings.over(Case { library: Library::Flex, scenario, sender: SENDER }),
    };
    Table {
        title: "Nanoseconds of CPU time per request with the headers of a browser",
        bare,
        rows: Scenario::ALL.map(row).into(),
    }
}

/// The nanoseconds per request of every round of every case.
struct Timings(Vec<(Case, Visitor, Vec<f64>)>);

impl Timings {
    fn start(runtime: &Runtime) -> Self {
        let bare = [Scenario::Attached, Scenario::Login].map(|scenario| Case {
            library: Library::Bare,
            scenario,
            sender: SENDER,
        });
        let libraries = [Library::Typed, Library::Flex];
        let others = libraries
            .iter()
            .flat_map(|&library| Scenario::ALL.map(|scenario| Case { library, scenario, sender: SENDER }));
        let start = |case| (case, runtime.block_on(Visitor::new(case)), Vec::with_capacity(ROUNDS));
        Self(bare.into_iter().chain(others).map(start).collect())
    }

    /// Times every case once, beginning with another one in every round.
    fn round(&mut self, runtime: &Runtime, round: usize) {
        let cases = self.0.len();
        for turn in 0..cases {
            let (_, visitor, timings) = &mut self.0[(round + turn) % cases];
            timings.push(nanoseconds(runtime, visitor));
        }
    }

    fn of(&self, wanted: Case) -> &[f64] {
        self.0.iter().find(|(case, ..)| *case == wanted).map_or(&[], |(.., timings)| timings)
    }

    /// Returns the median of what the case takes longer than its baseline in the same round.
    fn over(&self, case: Case) -> f64 {
        let pairs = self.of(case).iter().zip(self.of(case.baseline()));
        median(pairs.map(|(time, baseline)| time - baseline).collect())
    }
}

#[allow(clippy::cast_precision_loss, reason = "times are far below 2^52 nanoseconds")]
fn nanoseconds(runtime: &Runtime, visitor: &Visitor) -> f64 {
    let start = ProcessTime::now();
    runtime.block_on(async {
        for _ in 0..REQUESTS {
            visitor.visit().await;
        }
    });
    start.elapsed().as_nanos() as f64 / f64::from(REQUESTS)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
