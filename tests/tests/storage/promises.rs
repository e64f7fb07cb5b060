//! Every storage keeps every promise.

mod memory {
    use rocket_typed_session::storage::memory::MemoryStorage;
    use rocket_typed_session::testing::conformance;

    conformance!(MemoryStorage::new());
}

mod text {
    use rocket_typed_session::testing::{TextStorage, conformance};

    conformance!(TextStorage::new());
}

mod shared {
    use std::sync::Arc;

    use rocket_typed_session::storage::SessionStorage;
    use rocket_typed_session::storage::memory::MemoryStorage;
    use rocket_typed_session::testing::{FaultStorage, ParkStorage, SpyStorage, conformance};

    conformance!({
        let memory: Arc<dyn SessionStorage> = Arc::new(MemoryStorage::new());
        FaultStorage::new(ParkStorage::new(SpyStorage::new(memory)))
    });
}
