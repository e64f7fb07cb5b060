//! Sessions in Redis keep every promise of a storage.

mod single {
    use rocket_typed_session::testing::conformance;

    use crate::server::{SINGLE, or_text};

    conformance!(or_text(SINGLE));
}

mod cluster {
    use rocket_typed_session::testing::conformance;

    use crate::server::{CLUSTER, or_text};

    conformance!(or_text(CLUSTER));
}

mod sentinel {
    use rocket_typed_session::testing::conformance;

    use crate::server::{SENTINEL, or_text};

    conformance!(or_text(SENTINEL));
}
