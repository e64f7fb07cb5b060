//! A storage that fails.

use std::collections::HashMap;
use std::future;

use parking_lot::Mutex;
use rocket::async_trait;

use super::{Call, Double, Hook, Operation};
use crate::error::StorageError;
use crate::storage::SessionStorage;

/// A storage whose operations fail or hang on command.
///
/// # Examples
///
/// ```
/// use rocket_typed_session::storage::memory::MemoryStorage;
/// use rocket_typed_session::testing::{Fault, FaultStorage, Operation};
///
/// let storage = FaultStorage::new(MemoryStorage::new());
/// storage.fail(Operation::Commit, Fault::After); // commits are applied, and nobody is told
/// storage.fail_next(Operation::Load, Fault::Before, 2); // two loads fail
/// storage.clear();
/// ```
pub type FaultStorage<S> = Double<S, Faults>;

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// With an error, before it is applied.
    Before,
    /// With an error, after it was applied: the outcome is unknown to who called.
    After,
    /// It never answers, and is not applied.
    Hang,
    /// It is applied, and never answers.
    HangAfter,
}

/// The faults that are set.
#[derive(Debug, Default)]
pub struct Faults(Mutex<HashMap<Operation, (Fault, Option<u32>)>>);

impl<S: SessionStorage> FaultStorage<S> {
    /// Returns a storage that does what `inner` does until it is told to fail.
    pub fn new(inner: S) -> Self {
        Self { inner, hook: Faults::default() }
    }

    /// Makes an operation fail until [`clear`](Self::clear) is called.
    pub fn fail(&self, operation: Operation, fault: Fault) {
        self.hook.0.lock().insert(operation, (fault, None));
    }

    /// Makes the next `times` calls of an operation fail.
    pub fn fail_next(&self, operation: Operation, fault: Fault, times: u32) {
        self.hook.0.lock().insert(operation, (fault, Some(times)));
    }

    /// Mends everything. What hangs already stays so.
    pub fn clear(&self) {
        self.hook.0.lock().clear();
    }
}

impl Faults {
    /// Returns the fault of this call; the one after it is another.
    fn next(&self, operation: Operation, fits: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut faults = self.0.lock();
        let (fault, left) = faults.get_mut(&operation).filter(|(fault, _)| fits(*fault))?;
        let fault = *fault;
        if let Some(left) = left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                faults.remove(&operation);
            }
        }
        Some(fault)
    }
}

async fn failing(fault: Option<Fault>) -> Result<(), StorageError> {
    match fault {
        None => Ok(()),
        Some(Fault::Before | Fault::After) => Err(StorageError::unavailable("a fault was asked for")),
        Some(Fault::Hang | Fault::HangAfter) => future::pending().await,
    }
}

#[async_trait]
impl Hook for Faults {
    async fn before(&self, call: &Call) -> Result<(), StorageError> {
        failing(self.next(call.operation, |fault| matches!(fault, Fault::Before | Fault::Hang))).await
    }

    async fn after(&self, call: &Call) -> Result<(), StorageError> {
        failing(self.next(call.operation, |fault| matches!(fault, Fault::After | Fault::HangAfter))).await
    }
}
