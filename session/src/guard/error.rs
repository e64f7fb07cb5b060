//! Why a guard did not let a request pass.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use parking_lot::Mutex;
use rocket::http::Status;
use rocket::response::{self, Responder};
use rocket::{Ignite, Request, Rocket, Sentinel};

use crate::error::SessionError;

/// Why a guard did not let a request pass, or why the response was replaced.
///
/// Handlers take it as `Result<Guard, GuardError>`; catchers ask [`GuardError::of`]. As a responder it answers with
/// [`status`](Self::status), through the application's catchers, as the guard would have.
///
/// # Examples
///
/// ```
/// use rocket::{Request, catch};
/// use rocket_typed_session::GuardError;
///
/// #[catch(401)]
/// fn unauthorized(request: &Request<'_>) -> &'static str {
///     match GuardError::of(request) {
///         Some(GuardError::Stale) => "please enter your password again",
///         _ => "please sign in",
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardError {
    /// There is no session. 401.
    Missing,
    /// The session does not meet the guard's condition. 403.
    Forbidden,
    /// The request comes from another origin, and no guard was asked, or its visitor was not signed in: see
    /// [`CrossSiteConfig`](crate::CrossSiteConfig). 403.
    CrossSite,
    /// The session was authenticated too long ago for the guard. 401.
    Stale,
    /// The session was ended while the request was under way. 401.
    Gone,
    /// Another request changed this field (its stored name), or the session's token (no name), meanwhile. 409.
    Conflict(String),
    /// The storage failed, so it is unknown whether there is a session. 503.
    Storage,
}

/// The reason kept for catchers.
#[derive(Default)]
struct Reason {
    /// Why the last guard refused.
    last: Mutex<Option<GuardError>>,
    /// Why the response is replaced, whatever guards the catcher has.
    replaced: OnceLock<GuardError>,
}

impl GuardError {
    /// Returns why the response of a request was replaced, or else why the last guard refused it. A catcher asks this
    /// before guards of its own, which may refuse, too.
    pub fn of(request: &Request<'_>) -> Option<Self> {
        let Reason { last, replaced } = request.local_cache(Reason::default);
        replaced.get().cloned().or_else(|| last.lock().clone())
    }

    /// Returns the status that says this to a client.
    pub fn status(&self) -> Status {
        match self {
            Self::Missing | Self::Stale | Self::Gone => Status::Unauthorized,
            Self::Forbidden | Self::CrossSite => Status::Forbidden,
            Self::Conflict(_) => Status::Conflict,
            Self::Storage => Status::ServiceUnavailable,
        }
    }

    /// Keeps the reason for catchers.
    pub(crate) fn keep(&self, request: &Request<'_>) {
        *request.local_cache(Reason::default).last.lock() = Some(self.clone());
    }

    /// Keeps the reason for the catcher that replaces the response. Of several session types the first has its say.
    pub(crate) fn keep_for_good(&self, request: &Request<'_>) {
        let _ = request.local_cache(Reason::default).replaced.set(self.clone());
    }

    /// Returns what an error is to a client; `own` says whether the session was somebody's, or had to be there.
    pub(crate) fn of_error(error: &SessionError, own: bool) -> Option<Self> {
        match error {
            SessionError::Missing => Some(Self::Missing),
            SessionError::CrossSite => Some(Self::CrossSite),
            SessionError::Gone if own => Some(Self::Gone),
            SessionError::Gone | SessionError::Moved => Some(Self::Conflict(String::new())),
            SessionError::Conflict(field) => Some(Self::Conflict(field.clone())),
            SessionError::Storage(error) if error.is_outage() => Some(Self::Storage),
            SessionError::Storage(_) | SessionError::TooLate | SessionError::Encode(_) => None,
        }
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "there is no session",
            Self::Forbidden => "the session does not meet the condition",
            Self::CrossSite => "the request comes from another origin",
            Self::Stale => "the session was authenticated too long ago",
            Self::Gone => "the session was ended meanwhile",
            Self::Conflict(_) => "the session was changed meanwhile",
            Self::Storage => "the session storage failed",
        })
    }
}

impl Error for GuardError {}

impl<'r> Responder<'r, 'static> for GuardError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        self.keep(request);
        Err(self.status())
    }
}

/// Never aborts a launch. It is there so that aliases of `Result<Guard, GuardError>` are looked into.
impl Sentinel for GuardError {
    fn abort(_rocket: &Rocket<Ignite>) -> bool {
        false
    }
}
