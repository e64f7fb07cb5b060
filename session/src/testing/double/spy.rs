//! A storage that records.

use std::collections::BTreeSet;
use std::fmt::Write;

use parking_lot::Mutex;
use rocket::async_trait;

use super::{Double, Hook, Operation};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record};
use crate::storage::{Loaded, Rotation, SessionStorage};
use crate::token::Key;

/// A storage that records what was asked of it.
pub type SpyStorage<S> = Double<S, Spy>;

/// What was asked of a storage.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation.
    pub operation: Operation,
    /// The keys it was given: the old one first.
    pub keys: Vec<Key>,
    /// What was to be written, as text.
    pub text: String,
}

/// The calls that were recorded.
#[derive(Debug, Default)]
pub struct Spy(Mutex<Vec<Call>>);

impl<S: SessionStorage> SpyStorage<S> {
    /// Returns a storage that does what `inner` does, and records it.
    pub fn new(inner: S) -> Self {
        Self { inner, hook: Spy::default() }
    }

    /// Returns all calls, the first one first.
    pub fn calls(&self) -> Vec<Call> {
        self.hook.0.lock().clone()
    }

    /// Returns how often an operation was called.
    pub fn count(&self, operation: Operation) -> usize {
        self.hook.0.lock().iter().filter(|call| call.operation == operation).count()
    }

    /// Forgets all calls.
    pub fn clear(&self) {
        self.hook.0.lock().clear();
    }

    /// Returns, as text, everything that was written and everything that is stored under the recorded keys; the keys
    /// themselves in hexadecimal.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub async fn dump(&self, now: Now) -> Result<String, StorageError> {
        let calls = self.calls();
        let mut text = String::new();
        for call in &calls {
            text.extend([&call.text, "\n"]);
        }
        let keys: BTreeSet<Key> = calls.iter().flat_map(|call| call.keys.iter().copied()).collect();
        for key in keys {
            text.push_str(&hex(key.tag().as_bytes()));
            text.push_str(&hex(key.hash()));
            if let Loaded::Live { record, .. } = self.inner.load(&key, now).await? {
                text.push_str(&record_text(&record));
            }
            text.push('\n');
        }
        Ok(text)
    }
}

impl Call {
    pub(super) fn of(operation: Operation) -> Self {
        Self { operation, keys: Vec::new(), text: String::new() }
    }

    pub(super) fn key(mut self, key: &Key) -> Self {
        self.keys.push(*key);
        self
    }

    pub(super) fn text(self, text: String) -> Self {
        Self { text, ..self }
    }
}

pub(super) fn record_text(record: &Record) -> String {
    format!("{:?} {:?}", record.meta, record.fields())
}

pub(super) fn patch_text(patch: &Patch) -> String {
    format!("{:?} {:?}", patch.meta, patch.fields())
}

pub(super) fn rotation_text(patch: &Patch, how: &Rotation) -> String {
    match how {
        Rotation::Restart(record) => format!("Restart {}", record_text(record)),
        how => format!("{how:?} {}", patch_text(patch)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // To write to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[async_trait]
impl Hook for Spy {
    const WRITES_TEXTS: bool = true;

    async fn before(&self, call: &Call) -> Result<(), StorageError> {
        self.0.lock().push(call.clone());
        Ok(())
    }

    async fn after(&self, _call: &Call) -> Result<(), StorageError> {
        Ok(())
    }
}
