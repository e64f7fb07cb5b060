//! How the numbers are printed.

use std::fmt;

use crate::case::{Framework, Library, Scenario, Storage};
use crate::rounds::{Rounds, median};

/// What was measured, as a Markdown table.
pub(crate) struct Table<'r>(pub(crate) &'r Rounds);

impl fmt::Display for Table<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = Framework::ALL.map(|framework| format!("{framework:?} {:.1}", self.0.bare(framework))).join(", ");
        writeln!(formatter, "Microseconds of CPU time per request over the framework's bare route ({bare})\n")?;
        writeln!(
            formatter,
            "| | this library | flex | tower | actix | to the best of them |\n|---|--:|--:|--:|--:|--:|"
        )?;
        for storage in Storage::ALL {
            for scenario in Scenario::ALL {
                self.row(formatter, storage, scenario)?;
            }
        }
        Ok(())
    }
}

impl Table<'_> {
    fn row(&self, formatter: &mut fmt::Formatter<'_>, storage: Storage, scenario: Scenario) -> fmt::Result {
        let over = |library| self.0.over(library, storage, scenario);
        write!(formatter, "| {storage}, {scenario} |")?;
        for library in Library::ALL {
            match median(over(library)) {
                unmeasured if unmeasured.is_nan() => write!(formatter, " – |")?,
                micros => write!(formatter, " {micros:.1} |")?,
            }
        }
        let peers = Library::ALL.into_iter().skip(1).map(over).filter(|over| !over.is_empty());
        let best = peers.min_by(|one, other| median(one.clone()).total_cmp(&median(other.clone()))).unwrap_or_default();
        let ratios = over(Library::Typed).into_iter().zip(best).map(|(ours, best)| ours / best);
        writeln!(formatter, " {:.2} |", median(ratios.collect()))
    }
}
