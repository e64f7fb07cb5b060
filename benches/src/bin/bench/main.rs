//! Prints what a session costs a request, with this library and with a peer.
//!
//! - without arguments: both tables;
//! - `instructions`, `time`: one of them;
//! - `profile <library> <scenario> <sender>`: writes `callgrind.out.<library>.<scenario>.<sender>`, to be read with
//!   `callgrind_annotate`;
//! - `child <library> <scenario> <sender> <count>`: sends so many requests and says nothing, for callgrind to count.

mod callgrind;
mod instructions;
mod table;
mod time;

use std::error::Error;

use benches::{Case, Visitor, runtime};
use rocket::tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(|word| word.trim_end()).collect::<Vec<_>>()[..] {
        [] => {
            println!("{}", instructions::table()?);
            println!("{}", time::table());
        }
        ["instructions"] => println!("{}", instructions::table()?),
        ["time"] => println!("{}", time::table()),
        ["profile", library, scenario, sender] => callgrind::profile(case(library, scenario, sender)?)?,
        ["child", library, scenario, sender, count] => child(case(library, scenario, sender)?, count.parse()?),
        _ => return Err("usage: bench [instructions | time | profile <library> <scenario> <sender>]".into()),
    }
    Ok(())
}

fn case(library: &str, scenario: &str, sender: &str) -> Result<Case, Box<dyn Error>> {
    Ok(Case { library: library.parse()?, scenario: scenario.parse()?, sender: sender.parse()? })
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
