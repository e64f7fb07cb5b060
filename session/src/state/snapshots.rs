//! Data that guards borrow, kept while they may.

use std::sync::{Arc, OnceLock};

/// The versions of a value that were borrowed, in order, the last one newest.
pub(crate) struct Snapshots<T>(OnceLock<Box<Snapshot<T>>>);

struct Snapshot<T> {
    version: u32,
    data: Option<Arc<T>>,
    next: OnceLock<Box<Snapshot<T>>>,
}

impl<T> Default for Snapshots<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Snapshots<T> {
    /// Returns the value as `current` gives it, which is called only if `version` is newer than the last one's.
    pub(crate) fn borrow(&self, version: u32, current: impl Fn() -> (u32, Option<Arc<T>>)) -> Option<&T> {
        let mut cell = &self.0;
        loop {
            let snapshot = cell.get_or_init(|| {
                let (version, data) = current();
                Box::new(Snapshot { version, data, next: OnceLock::new() })
            });
            if snapshot.version >= version {
                return snapshot.data.as_deref();
            }
            cell = &snapshot.next;
        }
    }
}

impl<T> Drop for Snapshots<T> {
    /// Drops one after the other: a long row must not overflow the stack.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut snapshot) = next {
            next = snapshot.next.take();
        }
    }
}
