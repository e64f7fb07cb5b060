//! What is known of a session beside its data.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::token::Handle;

/// What is known of a session beside its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The public name of the session, the same across rotations while its identifier is the same.
    pub handle: Handle,
    /// Raised by each commit.
    pub version: u64,
    /// Whether the session belongs to an identifier, and so to an index.
    pub identified: bool,
    /// Whether the session was created without an identifier and its token has not come back yet.
    pub newborn: bool,
    /// Whether the next request must rotate the token, because a role was changed from outside a request.
    pub rotation_due: bool,
    /// When the session began.
    pub created_at: Timestamp,
    /// When the session was last used, as far as it is written down: never early, up to a tenth of `idle` late.
    pub seen_at: Timestamp,
    /// When the client last proved who it is.
    pub authenticated_at: Timestamp,
    /// When the token was last changed.
    pub renewed_at: Timestamp,
    /// When the session ends unless it is used before: the earlier of its idle and its absolute end.
    pub expires_at: Timestamp,
    /// When the session ends however much it is used.
    pub deadline: Timestamp,
    /// The lifetime that was set for this session alone, by `set_ttl`.
    pub ttl: Option<Duration>,
    /// Where the session was last used from.
    pub client: Option<Arc<Client>>,
}

impl Meta {
    /// Returns what is known of a session that begins now: it is nobody's, so nobody has proved who it is yet
    /// (`authenticated_at` is the time zero), and it ends at `expires_at` however much it is used (`deadline` is the same).
    #[must_use]
    pub fn new(handle: Handle, now: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            handle,
            version: 1,
            identified: false,
            newborn: false,
            rotation_due: false,
            created_at: now,
            seen_at: now,
            authenticated_at: Timestamp::default(),
            renewed_at: now,
            expires_at,
            deadline: expires_at,
            ttl: None,
            client: None,
        }
    }
}

/// Where a session is used from. It is shown in lists and never decides anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The address, as Rocket's `ip_header` configuration finds it.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header, cut at 256 bytes.
    pub agent: Option<String>,
}

/// A use of a session, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When the session was used.
    pub at: Timestamp,
    /// When the session ends unless it is used again, as far as the request knows: no later than the session's
    /// deadline, which may be an earlier one by now, and no sooner than its own lifetime after [`at`](Self::at), if one
    /// was set for it by now.
    pub expires_at: Timestamp,
    /// Where it was used from.
    pub client: Option<Arc<Client>>,
}

/// Changes of a session's metadata; what is [`None`] stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaPatch {
    /// A use of the session.
    pub seen: Option<Seen>,
    /// A new name, for a new identifier.
    pub handle: Option<Handle>,
    /// Whether the session belongs to an identifier.
    pub identified: Option<bool>,
    /// Whether the next request must rotate the token.
    pub rotation_due: Option<bool>,
    /// A proof of identity. Where a deadline and an expiry come with it but no lifetime, a session that has a lifetime of
    /// its own, of which the request may not know, ends that long after the proof instead.
    pub authenticated_at: Option<Timestamp>,
    /// A change of the token.
    pub renewed_at: Option<Timestamp>,
    /// Another absolute end; the expiry is never after it.
    pub deadline: Option<Timestamp>,
    /// Another expiry.
    pub expires_at: Option<Timestamp>,
    /// A lifetime for this session alone.
    pub ttl: Option<Duration>,
}

impl MetaPatch {
    /// Returns whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Changes `meta`. `seen_at` only grows; a use ends the time of a newborn.
    pub fn apply(&self, meta: &mut Meta) {
        if self.is_empty() {
            return;
        }
        let own = self.proved_anew().zip(meta.ttl).map(|(at, ttl)| at.after(ttl));
        meta.ttl = self.ttl.or(meta.ttl);
        replace(&mut meta.deadline, own.or(self.deadline));
        if let Some(seen) = &self.seen {
            seen.apply(meta);
        }
        replace(&mut meta.handle, self.handle);
        replace(&mut meta.identified, self.identified);
        meta.newborn &= !meta.identified;
        replace(&mut meta.rotation_due, self.rotation_due);
        replace(&mut meta.authenticated_at, self.authenticated_at);
        replace(&mut meta.renewed_at, self.renewed_at);
        replace(&mut meta.expires_at, own.or(self.expires_at));
        meta.expires_at = meta.expires_at.min(meta.deadline);
    }

    /// Returns when the client proved who it is, if the session is to end a lifetime after that.
    pub(crate) fn proved_anew(&self) -> Option<Timestamp> {
        let ends = self.deadline.is_some() && self.expires_at.is_some() && self.ttl.is_none();
        self.authenticated_at.filter(|_| ends)
    }
}

fn replace<V>(place: &mut V, value: Option<V>) {
    if let Some(value) = value {
        *place = value;
    }
}

impl Seen {
    /// Changes `meta`. `seen_at` only grows; a use ends the time of a newborn.
    pub fn apply(&self, meta: &mut Meta) {
        if self.at < meta.seen_at {
            return;
        }
        meta.seen_at = self.at;
        meta.expires_at = self.expiry(meta.ttl).min(meta.deadline);
        meta.newborn = false;
        if self.client.is_some() {
            meta.client.clone_from(&self.client);
        }
    }

    /// Returns when a session of this lifetime of its own ends unless it is used again, but for its deadline.
    pub(crate) fn expiry(&self, ttl: Option<Duration>) -> Timestamp {
        ttl.map_or(self.expires_at, |ttl| self.expires_at.max(self.at.after(ttl)))
    }
}
