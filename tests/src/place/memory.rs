//! Sessions in the memory of the test.

use std::sync::Arc;

use rocket::async_trait;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::TextStorage;

use super::Place;

/// A storage in memory.
pub(super) struct Memory(pub(super) Arc<MemoryStorage>);

/// The storage of texts, which is one list behind one lock.
pub(super) struct Text(pub(super) Arc<TextStorage>);

#[async_trait]
impl Place for Memory {
    fn storage(&self) -> Arc<dyn SessionStorage> {
        self.0.clone()
    }

    async fn held(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

#[async_trait]
impl Place for Text {
    fn storage(&self) -> Arc<dyn SessionStorage> {
        self.0.clone()
    }

    async fn held(&self) -> Option<u64> {
        None
    }
}
