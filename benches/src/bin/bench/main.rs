//! Prints what a session costs a request, with this library and with a peer.
//!
//! - without arguments: both tables;
//! - `instructions`, `time`: one of them;
//! - `profile <library> <scenario>`: writes `callgrind.out.<library>.<scenario>` for `callgrind_annotate`;
//! - `child <library> <scenario> <count>`: sends so many requests and says nothing, for callgrind to count.

mod callgrind;
mod instructions;
mod table;
mod time;

use std::error::Error;

use benches::{Case, Visitor, runtime};
use rocket::tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            println!("{}", instructions::table()?);
            println!("{}", time::table());
        }
        ["instructions"] => println!("{}", instructions::table()?),
        ["time"] => println!("{}", time::table()),
        ["profile", library, scenario] => callgrind::profile(case(library, scenario)?)?,
        ["child", library, scenario, count] => child(case(library, scenario)?, count.parse()?),
        _ => return Err("usage: bench [instructions | time | profile <library> <scenario>]".into()),
    }
    Ok(())
}

fn case(library: &str, scenario: &str) -> Result<Case, Box<dyn Error>> {
    Ok(Case { library: library.parse()?, scenario: scenario.parse()? })
}

fn child(case: Case, count: u64) {
    let runtime = runtime();
    let visitor = runtime.block_on(Visitor::new(case));
    requests(&runtime, &visitor, count);
}

/// What a profile is of; see `callgrind::profile`.
#[inline(never)]
fn requests(runtime: &Runtime, visitor: &Visitor, count: u64) {
    runtime.block_on(async {
        for _ in 0..count {
            visitor.visit().await;
        }
    });
}
