//! The times of the session, as they are or will be.

use super::{Edits, Life};
use crate::clock::Timestamp;
use crate::core::Settings;
use crate::data::SessionData;
use crate::session::Times;

impl<T: SessionData> Edits<T> {
    /// Returns when the client last proved who it is, if there is a session.
    pub(in crate::state) fn authenticated_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Live => self.meta().map(|meta| meta.authenticated_at),
            Life::Begun { at, authenticated: true } => Some(at),
            Life::Begun { authenticated: false, .. } => Some(Timestamp::default()),
            Life::Absent | Life::Ended => None,
        }
    }

    /// Returns the times of the session; of one that began in this request, as they will be.
    pub(crate) fn times(&self, config: &Settings, now: Timestamp) -> Option<Times> {
        if let Some(meta) = self.meta() {
            return Some(Times {
                created: meta.created_at,
                seen: meta.seen_at,
                expires: meta.expires_at,
                authenticated: meta.authenticated_at,
            });
        }
        let Life::Begun { at, authenticated } = self.life else { return None };
        let ttl = self.changes.ttl.unwrap_or(config.ttl);
        let idle = if self.is_newborn(config) {
            config.newborn
        } else {
            self.changes.ttl.unwrap_or_default().max(config.idle)
        };
        Some(Times {
            created: at,
            seen: at,
            expires: now.after(idle.min(ttl)),
            authenticated: if authenticated { at } else { Timestamp::default() },
        })
    }

    /// Returns whether a session that begins is nobody's, and so must come back soon, unless it takes no room.
    pub(in crate::state) fn is_newborn(&self, config: &Settings) -> bool {
        !config.in_cookie && self.identity().is_none() && self.changes.ttl.is_none()
    }
}
