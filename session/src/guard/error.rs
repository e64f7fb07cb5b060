//! Why a guard did not let a request pass.

use std::error::Error;
use std::fmt;

/// Why a guard did not let a request pass.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardError {
    /// There is no session.
    Missing,
    /// The session does not meet the guard's condition.
    Forbidden,
    /// The session was authenticated too long ago for the guard.
    Stale,
    /// The session was ended while the request was under way.
    Gone,
    /// Another request changed this field (its stored name), or the session's token (no name), meanwhile.
    Conflict(String),
    /// The storage failed, so it is unknown whether there is a session.
    Storage,
}

impl fmt::Display for GuardError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "there is no session",
            Self::Forbidden => "the session does not meet the condition",
            Self::Stale => "the session was authenticated too long ago",
            Self::Gone => "the session was ended meanwhile",
            Self::Conflict(_) => "the session was changed meanwhile",
            Self::Storage => "the session storage failed",
        })
    }
}

impl Error for GuardError {}
