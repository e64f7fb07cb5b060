//! Runs this program again under callgrind.

use std::error::Error;
use std::process::{Command, Stdio};

use benches::Case;

/// Returns the instructions that so many requests and the start cost.
pub(crate) fn count(case: Case, requests: u64) -> Result<u64, Box<dyn Error>> {
    let output = command(case, requests, "/dev/null")?.output()?;
    let report = String::from_utf8(output.stderr)?;
    if !output.status.success() {
        return Err(format!("{case} failed under callgrind:\n{report}").into());
    }
    let collected = report.split("Collected :").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(collected.ok_or_else(|| format!("callgrind said nothing about {case}:\n{report}"))?.parse()?)
}

/// Writes the profile of two thousand requests.
pub(crate) fn profile(case: Case) -> Result<(), Box<dyn Error>> {
    let path = format!("callgrind.out.{}.{}", case.library, case.scenario);
    let status = command(case, 2_000, &path)?.stdout(Stdio::inherit()).stderr(Stdio::inherit()).status()?;
    if status.success() { Ok(println!("{path}")) } else { Err(format!("{case} failed under callgrind").into()) }
}

fn command(case: Case, requests: u64, path: &str) -> Result<Command, Box<dyn Error>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={path}")]).arg(std::env::current_exe()?).args([
        "child",
        &case.library.to_string(),
        &case.scenario.to_string(),
        &requests.to_string(),
    ]);
    Ok(command)
}
