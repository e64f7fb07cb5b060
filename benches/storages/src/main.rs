//! Prints the CPU time that a request's session costs in this process, beside the peers, on Redis, PostgreSQL and
//! SQLite.
//!
//! `storages [rounds]` prints a table. `storages typed redis read 100` only sends requests, 400 in a turn, so that a
//! profiler can look. `storages client` prints what the client of Redis takes by itself. The servers are those that
//! `scripts/servers/redis` and `scripts/servers/sql` start.

mod account;
mod app;
mod case;
mod client;
mod rounds;
mod servers;
mod table;
mod visitor;

use std::error::Error;
use std::fmt::Debug;

use rocket::tokio::runtime::Builder;
use rocket::tokio::task::LocalSet;

use crate::case::{Library, Scenario, Storage};
use crate::rounds::Rounds;
use crate::servers::Servers;
use crate::table::Table;
use crate::visitor::Visitor;

/// How often every case is timed.
const ROUNDS: usize = 41;

fn main() -> Result<(), Box<dyn Error>> {
    let servers = Servers::of_environment()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => runtime.block_on(table(ROUNDS, &local, &servers)),
        ["client"] => print!("{}", runtime.block_on(client::alone(ROUNDS, &servers))?),
        [rounds] => runtime.block_on(table(rounds.parse()?, &local, &servers)),
        [library, storage, scenario, turns] => {
            let case =
                (named(&Library::ALL, library)?, named(&Storage::ALL, storage)?, named(&Scenario::ALL, scenario)?);
            runtime.block_on(send(case, turns.parse()?, &local, &servers));
        }
        _ => return Err("usage: storages [<rounds> | client | <library> <storage> <scenario> <turns>]".into()),
    }
    Ok(())
}

async fn table(rounds: usize, local: &LocalSet, servers: &Servers) {
    let mut timed = local.run_until(Rounds::start(servers)).await;
    for round in 0..rounds {
        timed.run(round, local).await;
    }
    print!("{}", Table(&timed));
}

/// Sends the requests of one case, to be looked at by a profiler.
async fn send(
    (library, storage, scenario): (Library, Storage, Scenario),
    turns: usize,
    local: &LocalSet,
    servers: &Servers,
) {
    let visitor = async { Visitor::new(app::with_sessions(library, storage, servers).await, scenario).await };
    let visitor = local.run_until(visitor).await;
    for _ in 0..turns {
        visitor.turn(local).await;
    }
}

fn named<T: Copy + Debug>(all: &[T], name: &str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| format!("{one:?}").eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("`{name}` is none of {all:?}"))
}
