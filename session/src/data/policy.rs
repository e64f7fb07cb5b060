//! The conditions under which a guard lets a request pass.

use std::time::Duration;

/// What a guard does where it does not let a request pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// Answers with the status of the error.
    Refuse,
    /// Forwards to the next matching route, with the same status.
    Forward,
}

/// A condition on the data of a session.
pub(super) type Check<T> = fn(&T) -> bool;

/// The conditions of a guard; all that are given must hold.
pub struct Policy<T: 'static> {
    checks: &'static [Check<T>],
    fresh: Option<Duration>,
    otherwise: Option<Otherwise>,
}

impl<T: 'static> Policy<T> {
    #[doc(hidden)]
    pub const fn new(checks: &'static [Check<T>]) -> Self {
        Self { checks, fresh: None, otherwise: None }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn fresh(mut self, seconds: u64) -> Self {
        self.fresh = Some(Duration::from_secs(seconds));
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn otherwise(mut self, otherwise: Otherwise) -> Self {
        self.otherwise = Some(otherwise);
        self
    }

    /// Returns whether there are no conditions.
    pub(crate) const fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.fresh.is_none()
    }

    /// Returns whether every condition on the data holds.
    pub(crate) fn admits(&self, data: &T) -> bool {
        self.checks.iter().all(|check| check(data))
    }

    /// Returns the longest time since the last authentication, if that is bounded.
    pub(crate) const fn freshness(&self) -> Option<Duration> {
        self.fresh
    }

    /// Returns what the guard says of its own about refusing.
    pub(crate) const fn declared_otherwise(&self) -> Option<Otherwise> {
        self.otherwise
    }
}
