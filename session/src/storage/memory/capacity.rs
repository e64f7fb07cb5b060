//! How much the storage holds, and how much it may.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::StorageError;

/// The sessions and bytes that are held, and their bounds.
#[derive(Debug)]
pub(super) struct Capacity {
    sessions: Gauge,
    bytes: Gauge,
}

#[derive(Debug)]
struct Gauge {
    used: AtomicUsize,
    bound: usize,
}

/// What sessions weigh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) sessions: usize,
    pub(super) bytes: usize,
}

impl Load {
    /// More than any storage holds.
    pub(super) const BOUNDLESS: Self = Self { sessions: usize::MAX, bytes: usize::MAX };

    pub(super) fn session(bytes: u32) -> Self {
        Self { sessions: 1, bytes: bytes as usize }
    }

    pub(super) fn bytes(bytes: u32) -> Self {
        Self { sessions: 0, bytes: bytes as usize }
    }

    #[must_use]
    pub(super) fn plus(self, other: Self) -> Self {
        Self { sessions: self.sessions.saturating_add(other.sessions), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

impl Capacity {
    pub(super) fn new(sessions: usize, bytes: usize) -> Self {
        let gauge = |bound| Gauge { used: AtomicUsize::new(0), bound };
        Self { sessions: gauge(sessions), bytes: gauge(bytes) }
    }

    /// Returns the greatest size of a session, in bytes.
    pub(super) fn largest(&self) -> usize {
        self.bytes.bound.min(u32::MAX as usize)
    }

    pub(super) fn used(&self) -> Load {
        let used = |gauge: &Gauge| gauge.used.load(Ordering::Relaxed);
        Load { sessions: used(&self.sessions), bytes: used(&self.bytes) }
    }

    /// Takes `more`, if it fits when `spare`, which the caller is about to release, is gone.
    pub(super) fn reserve(&self, more: Load, spare: Load) -> Result<(), StorageError> {
        if !self.sessions.reserve(more.sessions, spare.sessions) {
            return Err(StorageError::Full);
        }
        if !self.bytes.reserve(more.bytes, spare.bytes) {
            self.sessions.release(more.sessions);
            return Err(StorageError::Full);
        }
        Ok(())
    }

    /// Takes `more`, whether it fits or not.
    pub(super) fn take(&self, more: Load) {
        self.sessions.take(more.sessions);
        self.bytes.take(more.bytes);
    }

    pub(super) fn release(&self, less: Load) {
        self.sessions.release(less.sessions);
        self.bytes.release(less.bytes);
    }
}

impl Gauge {
    fn reserve(&self, more: usize, spare: usize) -> bool {
        if more == 0 {
            return true;
        }
        let fits = |used: usize| {
            let sum = used.checked_add(more)?;
            (sum.saturating_sub(spare) <= self.bound).then_some(sum)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn take(&self, more: usize) {
        if more > 0 {
            self.used.fetch_add(more, Ordering::Relaxed);
        }
    }

    fn release(&self, less: usize) {
        if less > 0 {
            self.used.fetch_sub(less, Ordering::Relaxed);
        }
    }
}
