//! Runs this program again under callgrind.

use std::error::Error;
use std::ffi::OsString;
use std::process::Command;

use benches::Case;

/// Returns the instructions that so many requests and the start cost.
pub(crate) fn count(case: Case, requests: u64) -> Result<u64, Box<dyn Error>> {
    let output = callgrind("/dev/null").args(child(case, requests)?).output()?;
    let report = String::from_utf8(output.stderr)?;
    if !output.status.success() {
        return Err(format!("{case} failed under callgrind:\n{report}").into());
    }
    let collected = report.split("Collected :").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(collected.ok_or_else(|| format!("callgrind said nothing about {case}:\n{report}"))?.parse()?)
}

/// Writes the profile of a thousand requests, without the start.
pub(crate) fn profile(case: Case) -> Result<(), Box<dyn Error>> {
    let path = format!("callgrind.out.{}.{}.{}", case.library, case.scenario, case.sender);
    let status = callgrind(&path).arg("--toggle-collect=bench::requests*").args(child(case, 1_000)?).status()?;
    if !status.success() {
        return Err(format!("{case} failed under callgrind").into());
    }
    println!("{path}");
    Ok(())
}

fn callgrind(path: &str) -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={path}")]);
    command
}

/// Returns the words of a command that sends so many requests.
///
/// They are always as long, since they lie below the stack, and how it is aligned decides what copies cost.
fn child(case: Case, requests: u64) -> Result<[OsString; 6], Box<dyn Error>> {
    let Case { library, scenario, sender } = case;
    let words = [library.to_string(), scenario.to_string(), sender.to_string(), requests.to_string()];
    let [library, scenario, sender, requests] = words.map(|word| OsString::from(format!("{word:<9}")));
    Ok([std::env::current_exe()?.into_os_string(), "child".into(), library, scenario, sender, requests])
}
