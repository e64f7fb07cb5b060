//! Servers that tests need.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// Returns a name that nobody else uses on a server.
pub fn unused() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    format!("t{}_{nanos}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
