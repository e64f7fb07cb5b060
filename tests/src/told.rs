//! Events, to be compared whole.

use std::net::IpAddr;
use std::time::SystemTime;

use rocket_typed_session::{Event, EventKind, Handle};

/// An event, to be compared whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    kind: EventKind,
    session: &'static str,
    handle: Option<Handle>,
    identifier: Option<String>,
    at: SystemTime,
    ip: Option<IpAddr>,
}

impl Told {
    /// Returns an event of users' sessions, which says neither whose it is nor from where.
    pub const fn new(kind: EventKind, at: SystemTime) -> Self {
        Self { kind, session: "session", handle: None, identifier: None, at, ip: None }
    }

    /// Says which session it is.
    #[must_use]
    pub fn of(self, handle: Handle) -> Self {
        Self { handle: Some(handle), ..self }
    }

    /// Says whose it is.
    #[must_use]
    pub fn whose(self, identifier: &str) -> Self {
        Self { identifier: Some(identifier.into()), ..self }
    }

    /// Says from where it came.
    ///
    /// # Panics
    ///
    /// Panics if that is no address.
    #[must_use]
    pub fn from_ip(self, ip: &str) -> Self {
        Self { ip: Some(ip.parse().expect("an address")), ..self }
    }
}

impl From<Event> for Told {
    fn from(event: Event) -> Self {
        let Event { kind, session, handle, identifier, at, ip, .. } = event;
        Self { kind, session, handle, identifier, at, ip }
    }
}
