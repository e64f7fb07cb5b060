//! What happens to sessions, for audit logs and metrics.

mod limit;
#[cfg(feature = "tracing")]
mod trace;

use std::fmt;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) use self::limit::Limit;
use crate::error::SessionError;
use crate::token::Handle;

/// Something that happened to a session. It never holds a token or a field of the data but the identifier.
///
/// The function that [`on_event`](crate::Builder::on_event) sets is told of each. A client may have its cookie refused
/// as often as it likes: count [`Refused`](EventKind::Refused) rather than writing it down. The log has a line for each
/// reason at most ten times a minute and session type, and says then how many there were.
///
/// With the feature `tracing` each is a `tracing` event, too, with the target `rocket_typed_session::event` and these
/// fields, which are left out where there is nothing to say; refusals as often as in the log:
///
/// | field | |
/// |---|---|
/// | `event` | the kind: `created`, `renewed`, `rotated`, `ended`, `ended_many`, `ended_everyone`, `expired`, `refused`, `conflict`, `gone`, `storage_failed`, `undecodable`, `edit_ignored`, `edits_lost` |
/// | `session`, `handle`, `identifier`, `ip` | as here |
/// | `at` | in milliseconds since 1970-01-01 UTC |
/// | `by` | of `ended` and `ended_many`: `owner`, `application`, `cap`, `stamp` |
/// | `reason` | of `refused`: `malformed`, `unknown_key`, `forged`, `ambiguous`, `no_session`, `moved`, `cross_site`; of failures, a text |
/// | `count` | of `ended_many` |
/// | `field` | of `conflict` and `undecodable`: the stored name |
/// | `withheld` | how many refusals of the same reason before this one were not logged |
///
/// The level is `ERROR` where the storage failed; `WARN` where no honest client has such a cookie, a field could not be
/// read, or edits were ignored or left unsaved; `DEBUG` for `no_session` and `moved`, which every client comes with at
/// times; else `INFO`, also for `conflict` and `gone`, of which the client is told.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The name of the session type, `"session"` unless the struct says otherwise.
    pub session: &'static str,
    /// The session, if it is known.
    pub handle: Option<Handle>,
    /// The text of the session's identifier, if it has one and it is known. Of a sign-in that was refused because another
    /// origin sent it ([`CrossSite`](RefusedCookie::CrossSite)), it is the one that was to be signed in: whoever made the
    /// request chose it, and it proves nothing. It is not known where the data is not at hand: in any other
    /// [`Refused`](EventKind::Refused), [`EndedEveryone`](EventKind::EndedEveryone), an
    /// [`Undecodable`](EventKind::Undecodable) session that was not read, a [`StorageFailed`](EventKind::StorageFailed)
    /// before the session was loaded, and what [`Sessions`](crate::Sessions) does or fails to do by a
    /// handle.
    pub identifier: Option<String>,
    /// When it happened.
    pub at: SystemTime,
    /// The address of the request, if there is one: of the header that Rocket's `ip_header` names, else of the connection.
    /// By default that header is `X-Real-IP`, and any client can send one: write `ip_header = false` where no proxy sets
    /// it.
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
    /// A session was ended. One that a sign-in replaces while somebody else ends it may be told of by both.
    Ended(EndedBy),
    /// Sessions of one identifier were ended together; the number of them. The event's handle is that of the session
    /// that was kept, if one was.
    EndedMany(u64, EndedBy),
    /// Everyone's sessions were ended.
    EndedEveryone,
    /// A session expired, at the time that the event tells. It is told when the session is freed, five minutes later or
    /// more, by the process that frees it, and at most once: not if that process ends meanwhile, or does not learn that
    /// it was freed. Without an identifier if the data could not be read. A storage that frees sessions by itself, as
    /// Redis and cookies do, and memory when it makes room, tells of none. Who comes with the cookie of one is
    /// [`Refused`](Self::Refused).
    Expired,
    /// A cookie, or a bearer token, was refused.
    Refused(RefusedCookie),
    /// A change was refused because another request had changed this field, or (no name) the token.
    Conflict(Option<String>),
    /// A change came too late: the session had been ended.
    Gone,
    /// The storage failed, or did not answer in time.
    StorageFailed(String),
    /// A stored field could not be read and took its default, or the session was not read.
    Undecodable {
        /// The stored name of the field; empty if it is the session as a whole.
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
    /// The security stamp of its owner's account, which is another by now, or gone with the account.
    Stamp,
}

/// Why a cookie, or a bearer token, was refused.
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

impl RefusedCookie {
    /// How many reasons there are.
    const COUNT: usize = Self::CrossSite as usize + 1;

    /// Returns whether honest clients come with such cookies every day.
    const fn is_usual(self) -> bool {
        matches!(self, Self::NoSession | Self::Moved)
    }
}

impl fmt::Display for RefusedCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "it has not the form of a cookie of ours",
            Self::UnknownKey => "it was sealed under a key that is not known",
            Self::Forged => "it was changed, or sealed for something else",
            Self::Ambiguous => "there were different ones, or too many",
            Self::NoSession => "its session does not live",
            Self::Moved => "its session was given another token",
            Self::CrossSite => "it came with a request of another origin, which `cross_site.trusted` does not name",
        })
    }
}

impl EventKind {
    /// Returns what is said of a loss, if something is: who called learns of any.
    pub(crate) fn of_loss(error: &SessionError) -> Option<Self> {
        match error {
            SessionError::Gone => Some(Self::Gone),
            SessionError::Moved => Some(Self::Conflict(None)),
            SessionError::Conflict(field) => Some(Self::Conflict(Some(field.clone()))),
            SessionError::CrossSite => Some(Self::Refused(RefusedCookie::CrossSite)),
            // The storage's failures are told where it is called.
            SessionError::Storage(_) | SessionError::Missing | SessionError::TooLate | SessionError::Encode(_) => None,
        }
    }
}

/// What is told of events: the function that the application gave, and the log.
#[derive(Clone, Default)]
pub(crate) struct Listener {
    listen: Option<Arc<Listen>>,
    refusals: Arc<[Limit; RefusedCookie::COUNT]>,
}

type Listen = dyn Fn(&Event) + Send + Sync;

impl Listener {
    pub(crate) fn new(listen: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { listen: Some(Arc::new(listen)), refusals: Arc::default() }
    }

    /// Returns whether somebody hears of what is not logged.
    pub(crate) fn hears(&self) -> bool {
        self.listen.is_some() || cfg!(feature = "tracing")
    }

    /// Tells of an event. Who panics of it harms nobody.
    pub(crate) fn tell(&self, event: &Event) {
        let told = catch_unwind(AssertUnwindSafe(|| {
            self.log(event);
            if let Some(listen) = &self.listen {
                listen(event);
            }
        }));
        if told.is_err() {
            log::error!("the listener of session events panicked");
        }
    }

    fn log(&self, event: &Event) {
        let withheld = match event.kind {
            EventKind::Refused(reason) => {
                let Some(withheld) = self.refusals[reason as usize].admit(event.at.into()) else { return };
                log_refusal(event.session, reason, withheld);
                withheld
            }
            _ => 0,
        };
        #[cfg(feature = "tracing")]
        trace::emit(event, withheld);
        #[cfg(not(feature = "tracing"))]
        let _ = withheld;
    }
}

/// Logs that a cookie was refused, as a warning if no honest client has such.
fn log_refusal(session: &str, reason: RefusedCookie, withheld: u64) {
    let level = if reason.is_usual() { log::Level::Debug } else { log::Level::Warn };
    match withheld {
        0 => log::log!(level, "a cookie or token of `{session}` was refused: {reason}"),
        _ => log::log!(
            level,
            "a cookie or token of `{session}` was refused: {reason}; {withheld} before it are not in the log"
        ),
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.listen.is_some() { "Listener" } else { "no listener" })
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
