//! The tests that a plain `cargo test` leaves out.

use std::io::Write;

#[test]
fn what_is_left_out_is_said() {
    let note = "left out: the tests of Redis; run them with `--features redis` on the servers of \
                `scripts/servers/redis`, or run `scripts/test`";
    if cfg!(not(feature = "redis")) {
        // Not a macro: what those print is swallowed when tests pass.
        assert!(writeln!(std::io::stderr(), "{note}").is_ok());
    }
}
