//! The tests that a plain `cargo test` leaves out.

use std::fs;
use std::io::Write;
use std::path::Path;

/// A feature of this package, whether it is on, and what its tests are of.
const FEATURES: [(&str, bool, &str); 7] = [
    ("browser", cfg!(feature = "browser"), "a browser"),
    ("tracing", cfg!(feature = "tracing"), "traces"),
    ("sqlite", cfg!(feature = "sqlite"), "SQLite"),
    ("postgres", cfg!(feature = "postgres"), "PostgreSQL"),
    ("mysql", cfg!(feature = "mysql"), "MariaDB"),
    ("redis", cfg!(feature = "redis"), "Redis"),
    ("redis-tls", cfg!(feature = "redis-tls"), "Redis by TLS"),
];

#[test]
fn what_is_left_out_is_said() {
    for (feature, _, of) in FEATURES.iter().filter(|(_, on, _)| !on) {
        // Not a macro: what those print is swallowed when tests pass.
        let note =
            format!("left out: the tests of {of}; run them with `--features {feature}`, or all with `scripts/test`");
        assert!(writeln!(std::io::stderr(), "{note}").is_ok());
    }
}

#[test]
fn every_feature_is_known_to_leave_tests_out() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let features =
        manifest.lines().skip_while(|line| *line != "[features]").skip(1).take_while(|line| !line.starts_with('['));
    let named = features.filter_map(|line| Some(line.split_once(" = ")?.0)).filter(|name| *name != "default");
    for name in named {
        assert!(FEATURES.iter().any(|(feature, ..)| *feature == name), "{name}");
    }
}
