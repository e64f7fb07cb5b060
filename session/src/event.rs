//! What happens to sessions, for audit logs and metrics.

use std::fmt;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use crate::token::Handle;

/// Something that happened to a session. It never holds a token or a field of the data but the identifier.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The name of the session type, `"session"` unless the struct says otherwise.
    pub session: &'static str,
    /// The session, if it is known.
    pub handle: Option<Handle>,
    /// The text of the session's identifier, if it has one.
    pub identifier: Option<String>,
    /// When it happened.
    pub at: SystemTime,
    /// The address of the request, if there is one.
    pub ip: Option<IpAddr>,
}

/// What happened to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A session was created.
    Created,
    /// A session's token was changed on schedule.
    Renewed,
    /// A session's token was changed because its privilege did, or its client proved who it is.
    Rotated,
    /// A session was ended.
    Ended(EndedBy),
    /// Sessions were ended together; the number of them.
    EndedMany(u64),
    /// Everyone's sessions were ended.
    EndedEveryone,
    /// A cookie was refused.
    Refused(RefusedCookie),
    /// A change was refused because another request had changed this field, or (no name) the token.
    Conflict(Option<String>),
    /// A change came too late: the session had been ended.
    Gone,
    /// The storage failed, or did not answer in time.
    StorageFailed(String),
    /// A stored field could not be read and took its default, or the session was not read.
    Undecodable {
        /// The stored name of the field.
        field: &'static str,
        /// Why it could not be read.
        reason: String,
    },
    /// An edit was ignored, because the session had been ended, or had failed to be saved, in the same request.
    EditIgnored,
    /// Edits were left unsaved when a stream ended.
    EditsLost,
}

/// Who ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndedBy {
    /// The session itself, or another of the same identifier.
    Owner,
    /// The application, outside a request.
    Application,
    /// A newer session of the same identifier, where their number is bounded.
    Cap,
}

/// Why a cookie was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusedCookie {
    /// It has not the form of a cookie of ours.
    Malformed,
    /// It was sealed under a key that is not known, or not any more.
    UnknownKey,
    /// It was changed, or sealed for something else.
    Forged,
    /// There were two different ones, or too many.
    Ambiguous,
    /// Its session does not live.
    NoSession,
    /// Its session was given another token.
    Moved,
    /// It came with a request of another origin, which was not let through.
    CrossSite,
}

/// The function that is told of events.
#[derive(Clone, Default)]
pub(crate) struct Listener(Option<Arc<Listen>>);

type Listen = dyn Fn(&Event) + Send + Sync;

impl Listener {
    pub(crate) fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listen)))
    }

    /// Tells of an event. A listener that panics harms nobody.
    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(listen) = &self.0 {
            let event = event();
            if catch_unwind(AssertUnwindSafe(|| listen(&event))).is_err() {
                log::error!("the listener of session events panicked");
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Listener" } else { "no listener" })
    }
}

impl From<crate::seal::Refused> for RefusedCookie {
    fn from(refused: crate::seal::Refused) -> Self {
        match refused {
            crate::seal::Refused::Malformed => Self::Malformed,
            crate::seal::Refused::UnknownKey => Self::UnknownKey,
            crate::seal::Refused::Forged => Self::Forged,
            crate::seal::Refused::TooMany => Self::Ambiguous,
        }
    }
}
