//! Instructions per request.

use std::error::Error;

use benches::{Case, Library, Scenario, Sender};

use crate::callgrind;
use crate::table::{Row, Table};

/// Who sends the requests. With more headers the counts depend more on where the allocator finds room.
const SENDER: Sender = Sender::Local;

/// The two lengths of run whose difference is counted, so that the start drops out.
const SHORT: u64 = 500;
const LONG: u64 = 2_500;

/// Counts every case.
pub(crate) fn table() -> Result<Table, Box<dyn Error>> {
    let bare = per_request(Case { library: Library::Bare, scenario: Scenario::Attached, sender: SENDER })?;
    let over = |library, scenario| over(Case { library, scenario, sender: SENDER });
    let mut rows = Vec::new();
    for scenario in Scenario::ALL {
        rows.push(Row { scenario, ours: over(Library::Typed, scenario)?, peer: over(Library::Flex, scenario)? });
    }
    Ok(Table { title: "Instructions per request", bare, rows })
}

fn over(case: Case) -> Result<f64, Box<dyn Error>> {
    Ok(per_request(case)? - per_request(case.baseline())?)
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn per_request(case: Case) -> Result<f64, Box<dyn Error>> {
    Ok((callgrind::count(case, LONG)? - callgrind::count(case, SHORT)?) as f64 / (LONG - SHORT) as f64)
}
