#![no_main]

use libfuzzer_sys::fuzz_target;
use rocket_typed_session_tests::fuzz;

fuzz_target!(|bytes: &[u8]| fuzz::headers(bytes));
