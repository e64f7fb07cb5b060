//! A storage that holds requests.

use std::sync::Arc;

use parking_lot::Mutex;
use rocket::async_trait;
use rocket::tokio::sync::Semaphore;

use super::{Call, Double, Hook, Operation};
use crate::error::StorageError;
use crate::storage::SessionStorage;

/// A storage that holds a request at an operation until it is told to go on, so that a test decides who is first.
///
/// # Examples
///
/// ```no_run
/// # use rocket_typed_session::storage::memory::MemoryStorage;
/// # use rocket_typed_session::testing::{Operation, ParkStorage, When};
/// # async fn race() {
/// let storage = ParkStorage::new(MemoryStorage::new());
/// let parked = storage.park(Operation::Commit, When::Before);
/// // start a request that writes
/// parked.reached().await;
/// // the request has not written yet: sign out here
/// parked.release();
/// # }
/// ```
pub type ParkStorage<S> = Double<S, Parking>;

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the operation is applied.
    Before,
    /// After the operation was applied, before who called learns of it.
    After,
}

/// The places where requests will be held.
#[derive(Debug, Default)]
pub struct Parking(Mutex<Vec<Place>>);

#[derive(Debug)]
struct Place {
    operation: Operation,
    when: When,
    gates: Arc<Gates>,
}

/// Both are shut until a permit is added; who passes gives the permit back.
#[derive(Debug)]
struct Gates {
    reached: Semaphore,
    released: Semaphore,
}

/// A place where one request is or will be held. To drop it releases the request.
#[derive(Debug)]
pub struct Parked(Arc<Gates>);

impl<S: SessionStorage> ParkStorage<S> {
    /// Returns a storage that does what `inner` does.
    pub fn new(inner: S) -> Self {
        Self { inner, hook: Parking::default() }
    }

    /// Makes the next request that comes to an operation wait there. Called twice, it holds the next two.
    pub fn park(&self, operation: Operation, when: When) -> Parked {
        let gates = Arc::new(Gates { reached: Semaphore::new(0), released: Semaphore::new(0) });
        self.hook.0.lock().push(Place { operation, when, gates: gates.clone() });
        Parked(gates)
    }
}

impl Parked {
    /// Waits until a request has come here.
    pub async fn reached(&self) {
        let _ = self.0.reached.acquire().await;
    }

    /// Lets the request go on, now or when it comes.
    pub fn release(&self) {
        self.0.released.add_permits(1);
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.release();
    }
}

impl Parking {
    async fn wait(&self, operation: Operation, when: When) {
        let Some(gates) = self.take(operation, when) else {
            return;
        };
        gates.reached.add_permits(1);
        let _ = gates.released.acquire().await;
    }

    fn take(&self, operation: Operation, when: When) -> Option<Arc<Gates>> {
        let mut places = self.0.lock();
        let index = places.iter().position(|place| place.operation == operation && place.when == when)?;
        Some(places.remove(index).gates)
    }
}

#[async_trait]
impl Hook for Parking {
    async fn before(&self, call: &Call) -> Result<(), StorageError> {
        self.wait(call.operation, When::Before).await;
        Ok(())
    }

    async fn after(&self, call: &Call) -> Result<(), StorageError> {
        self.wait(call.operation, When::After).await;
        Ok(())
    }
}
