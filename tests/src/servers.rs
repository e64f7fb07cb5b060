//! Servers that tests need.

use std::collections::BTreeSet;
use std::io::Write;

use parking_lot::Mutex;

/// Returns the address of a server, from the environment.
///
/// Without one the test is left out, and a note says so once, unless `SESSION_TEST_REQUIRED=1` asks for every test.
///
/// # Panics
///
/// Panics if the server is missing and required.
pub fn address(variable: &'static str, script: &str) -> Option<String> {
    static NOTED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if let Ok(address) = std::env::var(variable) {
        return Some(address);
    }
    assert!(std::env::var("SESSION_TEST_REQUIRED").is_err(), "`{variable}` is not set: see `{script}`");
    if NOTED.lock().insert(variable) {
        // Not a macro: what those print is swallowed when tests pass.
        let _ = writeln!(
            std::io::stderr(),
            "left out: the tests that need `{variable}`; run them with `export $({script} start target/servers)`"
        );
    }
    None
}
