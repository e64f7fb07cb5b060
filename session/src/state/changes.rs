//! What a request has changed of its session since the storage last had it.

use std::time::Duration;

use crate::data::{SessionData, indices};

/// What was changed since the storage last had it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The fields that were edited, as bits.
    pub(super) edited: u128,
    /// The fields that replace what is stored whatever their merge kind, as bits.
    pub(super) absolute: u128,
    /// The flashes that were taken, as bits.
    pub(super) taken: u128,
    /// What was added, by the field's index.
    pub(super) additions: Vec<(usize, i64)>,
    /// Whether a field was set, or a call was made, that changes the token.
    pub(super) privilege: bool,
    /// Whether the client proved who it is.
    pub(super) authenticated: bool,
    /// A lifetime for this session alone.
    pub(super) ttl: Option<Duration>,
}

impl Changes {
    /// Returns whether nothing was changed.
    pub(super) fn are_none(&self) -> bool {
        self.edited == 0 && !self.need_cookie()
    }

    /// Returns whether the client must be told, by a cookie.
    pub(super) fn need_cookie(&self) -> bool {
        self.need_token() || self.ttl.is_some()
    }

    /// Returns whether the client must be given another token.
    pub(super) fn need_token(&self) -> bool {
        self.privilege || self.authenticated
    }

    pub(super) fn replace(&mut self, index: usize) {
        self.edited |= 1 << index;
        self.absolute |= 1 << index;
        self.taken &= !(1 << index);
        self.additions.retain(|(of, _)| *of != index);
    }

    pub(super) fn take(&mut self, index: usize) {
        self.edited |= 1 << index;
        self.taken |= 1 << index;
    }

    /// Forgets that flashes were taken, and returns which, as bits.
    pub(super) fn untake(&mut self) -> u128 {
        self.edited &= !self.taken;
        std::mem::take(&mut self.taken)
    }

    pub(super) fn merge(&mut self, index: usize) {
        self.edited |= 1 << index;
        self.taken &= !(1 << index);
    }

    /// Returns the sum of what was added to a field.
    pub(super) fn addition(&self, index: usize) -> Option<i64> {
        self.additions.iter().find(|(of, _)| *of == index).map(|(_, sum)| *sum)
    }

    pub(super) fn add(&mut self, index: usize, delta: i64) {
        self.edited |= 1 << index;
        if self.absolute & (1 << index) != 0 {
            return;
        }
        match self.additions.iter_mut().find(|(of, _)| *of == index) {
            Some((_, sum)) => *sum = sum.saturating_add(delta),
            None => self.additions.push((index, delta)),
        }
    }

    /// Returns the edited fields that differ from what the storage has, or were added to, as bits.
    pub(super) fn effective<T: SessionData>(&self, base: &T, now: &T) -> u128 {
        let added =
            self.additions.iter().filter(|(_, delta)| *delta != 0).fold(0, |bits: u128, (index, _)| bits | 1 << index);
        let differing = indices(self.edited).filter(|index| T::FIELDS[*index].differs(base, now));
        differing.fold(added, |bits, index| bits | 1 << index)
    }
}
