//! What is to be written because time went by.

use crate::clock::Now;
use crate::core::Settings;
use crate::record::Meta;
use crate::storage::{MOVED_FOR, Via};

impl Settings {
    /// Returns whether the session is to be written though nothing is done with it.
    pub(super) fn is_due(&self, meta: &Meta, via: Via, now: Now) -> bool {
        meta.rotation_due || self.touches(meta, via, now) || self.renews(meta, via, now)
    }

    /// Returns whether a use of the session must be written down though nothing else is.
    pub(super) fn touches(&self, meta: &Meta, via: Via, now: Now) -> bool {
        match via {
            Via::Pending => true,
            Via::Grace => false,
            Via::Current => meta.newborn || now.since(meta.seen_at) >= self.untouched,
        }
    }

    /// Returns whether a use of the session is written down with what is written anyway.
    pub(super) fn rides(&self, meta: &Meta, via: Via, now: Now) -> bool {
        via == Via::Pending || meta.newborn || now.since(meta.seen_at) >= self.unridden
    }

    /// Returns whether the session's token is old enough to be renewed.
    pub(super) fn renews(&self, meta: &Meta, via: Via, now: Now) -> bool {
        let age = now.since(meta.renewed_at);
        via == Via::Current && self.renew.is_some_and(|renew| age >= renew)
    }

    /// Returns whether the current token may be the old one of a session that was renewed a moment ago: the browser has the
    /// new one then, or will soon.
    pub(super) fn may_be_old(&self, meta: &Meta, now: Now) -> bool {
        self.renew.is_some() && meta.renewed_at != meta.created_at && now.since(meta.renewed_at) < MOVED_FOR
    }
}
