//! Data that guards borrow, kept while they may.

use std::sync::{Arc, OnceLock};

/// A version of a value, kept for who borrows it, and with it the later ones that were borrowed.
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    version: u32,
    data: Option<Arc<T>>,
    next: OnceLock<Box<Snapshot<T>>>,
}

impl<T> Snapshot<T> {
    pub(super) fn new(version: u32, data: Option<Arc<T>>) -> Self {
        Self { version, data, next: OnceLock::new() }
    }

    /// Returns the value as `current` gives it, which is called only if `version` is newer than the last one's.
    pub(super) fn borrow(&self, version: u32, current: impl Fn() -> Self) -> Option<&T> {
        let mut snapshot = self;
        while snapshot.version < version {
            snapshot = snapshot.next.get_or_init(|| Box::new(current()));
        }
        snapshot.data.as_deref()
    }
}

impl<T> Drop for Snapshot<T> {
    /// Drops one after the other: a long row must not overflow the stack.
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut snapshot) = next {
            next = snapshot.next.take();
        }
    }
}
