//! SQLite.

mod promises {
    use rocket_typed_session::testing::conformance;

    use crate::file::File;

    conformance!(File::new());
}
