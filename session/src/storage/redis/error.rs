//! What an error of the client says about the command.

use fred::error::{Error, ErrorKind};

use crate::error::StorageError;

/// What may be done after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server does not have the script; nothing ran.
    NoScript,
    /// Nothing ran, and it may if it is sent again in a moment.
    Again,
    /// The server is a replica by now; nothing ran.
    Replica,
    /// Nobody knows whether it ran.
    Unknown,
}

impl Verdict {
    pub(super) fn of(error: &Error) -> Self {
        let begins = |with: &str| error.details().starts_with(with);
        if begins("NOSCRIPT") {
            Self::NoScript
        } else if begins("READONLY") {
            Self::Replica
        } else if begins("TRYAGAIN") || begins("LOADING") || is_redirection(error) {
            Self::Again
        } else {
            // The client gives CLUSTERDOWN to every command that waits on the connection, also to those that ran.
            Self::Unknown
        }
    }
}

/// Returns whether the answer was MOVED or ASK; the client has asked for the slots by now.
pub(super) fn is_redirection(error: &Error) -> bool {
    *error.kind() == ErrorKind::Routing && error.details() == "Too many redirections."
}

pub(super) fn failed(error: Error) -> StorageError {
    if *error.kind() == ErrorKind::Timeout { StorageError::Timeout } else { StorageError::unavailable(error) }
}

/// Returns the error of an answer that none of ours gives.
pub(super) fn unintelligible(what: &str) -> StorageError {
    StorageError::unavailable(format!("Redis holds or answers what this storage did not write: {what}"))
}
