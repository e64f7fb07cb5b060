//! Tables of their own on the server of a test run.

use std::sync::atomic::{AtomicU32, Ordering};

/// Returns the name of a table that no other test uses.
pub fn unused() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
