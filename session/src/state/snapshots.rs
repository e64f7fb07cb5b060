//! Data that guards borrow, kept while they may.

use std::sync::{Arc, OnceLock};

/// The versions of a value that were borrowed, in order, the last one newest.
///
/// Most are the only one, which therefore lies in here.
pub(crate) struct Snapshots<T>(OnceLock<Snapshot<T>>);

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
        let take = || {
            let (version, data) = current();
            Snapshot { version, data, next: OnceLock::new() }
        };
        let mut snapshot = self.0.get_or_init(take);
        while snapshot.version < version {
            snapshot = snapshot.next.get_or_init(|| Box::new(take()));
        }
        snapshot.data.as_deref()
    }
}

impl<T> Drop for Snapshots<T> {
    /// Drops one after the other: a long row must not overflow the stack.
    fn drop(&mut self) {
        let mut next = self.0.get_mut().and_then(|first| first.next.take());
        while let Some(mut snapshot) = next {
            next = snapshot.next.take();
        }
    }
}
