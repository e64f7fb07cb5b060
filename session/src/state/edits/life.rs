//! How a session begins, and what is done to it as a whole.

use std::sync::Arc;
use std::time::Duration;

use super::{Edits, Life};
use crate::clock::Timestamp;
use crate::data::SessionData;
use crate::state::changes::Changes;

impl<T: SessionData> Edits<T> {
    /// Begins a session in the place of whatever there was.
    pub(crate) fn start(&mut self, data: T, now: Timestamp) {
        if self.is_closed() {
            return;
        }
        self.data = Some(Arc::new(data));
        self.begun += 1;
        self.life = Life::Begun { at: now, authenticated: true };
        self.changes = Changes::default();
        self.drawn = None;
    }

    /// Replaces the data; with another identifier, or without a session, it begins a session.
    pub(crate) fn set(&mut self, data: T, now: Timestamp) {
        let same = self.session_data().is_some_and(|current| current.identity() == data.identity());
        if !same {
            return self.start(data, now);
        }
        if self.is_closed() {
            return;
        }
        self.changes.privilege |= data.identity().is_some();
        for index in 0..T::FIELDS.len() {
            self.mark_if_differing(index, &data);
        }
        self.data = Some(Arc::new(data));
    }

    fn mark_if_differing(&mut self, index: usize, data: &T) {
        let field = &T::FIELDS[index];
        if self.data.as_ref().is_some_and(|current| field.differs(current, data)) {
            self.changes.replace(index);
            self.changes.privilege |= field.rotates();
        }
    }

    pub(crate) fn rotate(&mut self) {
        self.changes.privilege |= self.exists() && !self.is_closed();
    }

    pub(crate) fn mark_authenticated(&mut self) {
        if !self.exists() || self.is_closed() {
            return;
        }
        match &mut self.life {
            Life::Begun { authenticated, .. } => *authenticated = true,
            _ => self.changes.authenticated = true,
        }
    }

    pub(crate) fn set_ttl(&mut self, ttl: Duration) {
        if self.exists() && !self.is_closed() {
            self.changes.ttl = Some(ttl);
        }
    }
}
