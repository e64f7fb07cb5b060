//! The times of the session, as they are or will be.

use std::time::Duration;

use super::{Edits, Life};
use crate::clock::Timestamp;
use crate::core::Settings;
use crate::data::SessionData;
use crate::record::Meta;
use crate::session::Times;
use crate::token::Identity;

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

    /// Returns the times of the session, as they will be once it is written.
    pub(crate) fn times(&self, config: &Settings, now: Timestamp) -> Option<Times> {
        if let Some(meta) = self.meta() {
            let (created, seen) = (meta.created_at, meta.seen_at);
            let proved = self.signs_in(meta).then_some(now);
            let own = self.changes.ttl.or(meta.ttl);
            let renews = proved.is_some() || self.changes.ttl.is_some();
            let expires = if renews { expiry(config, now, own) } else { meta.expires_at };
            let authenticated = proved.or(Some(meta.authenticated_at).filter(|at| *at > Timestamp::default()));
            return Some(Times { created, seen, expires, authenticated });
        }
        let Life::Begun { at, authenticated } = self.life else { return None };
        let newborn = self.is_newborn(config);
        let expires =
            if newborn { now.after(config.newborn.min(config.ttl)) } else { expiry(config, now, self.changes.ttl) };
        let authenticated = (authenticated || self.identity().is_some()).then_some(at);
        Some(Times { created: at, seen: at, expires, authenticated })
    }

    /// Returns whether what was done to a living session says who the client is.
    fn signs_in(&self, meta: &Meta) -> bool {
        let is_new = |identity: Identity| !meta.identified || meta.handle.tag() != identity.tag();
        self.changes.authenticated || (self.changes.privilege && self.identity().is_some_and(is_new))
    }

    /// Returns whether a session that begins is nobody's, and so must come back soon, unless it takes no room.
    pub(in crate::state) fn is_newborn(&self, config: &Settings) -> bool {
        let identified = || self.session_data().is_some_and(|data| data.identity().is_some());
        !config.in_cookie && self.changes.ttl.is_none() && !identified()
    }
}

/// Returns when a session ends whose lifetimes begin now, unless it is used again; `own` is the one that it has for itself.
fn expiry(config: &Settings, now: Timestamp, own: Option<Duration>) -> Timestamp {
    let idle = own.unwrap_or_default().max(config.idle);
    now.after(idle.min(own.unwrap_or(config.ttl)))
}
