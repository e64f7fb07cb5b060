//! Sessions in SQLite.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod file;

mod promises {
    use crate::file::File;
    use rocket_typed_session::testing::conformance;

    conformance!(File::new());
}
