//! What the fuzzers in `fuzz/` found worth keeping holds what they look for.

use std::fs;
use std::path::PathBuf;

use rocket_typed_session_tests::fuzz;

/// Runs a check on the inputs of a target.
fn keep(target: &str, check: fn(&[u8])) {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let inputs: Vec<PathBuf> = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!inputs.is_empty(), "no inputs in {}", corpus.display());
    for input in inputs {
        // Named first, so that one sees which one panics.
        println!("{}", input.display());
        check(&fs::read(input).unwrap());
    }
}

#[test]
fn cookie_headers() {
    keep("cookie", fuzz::cookie);
}

#[test]
fn headers_of_requests() {
    keep("headers", fuzz::headers);
}

#[test]
fn records() {
    keep("record", fuzz::record);
}

#[cfg(all(feature = "redis", feature = "sqlite"))]
#[test]
fn stored_sessions() {
    keep("stored", fuzz::stored);
}
