//! What must be written for a request.

mod begin;
mod change;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use super::client::Peer;
use super::edits::{Edits, Life};
use super::write::Delivery;
use crate::clock::Now;
use crate::core::Settings;
use crate::data::{Foreign, SessionData};
use crate::error::{SessionError, StorageError};
use crate::record::{Meta, Patch, Record, Seen};
use crate::storage::Via;
use crate::token::{Handle, Key, NoRandomness, Token};

/// What a plan is made from, beside the request's edits.
pub(super) struct Planner<'c> {
    pub(super) config: &'c Settings,
    pub(super) now: Now,
    pub(super) peer: &'c dyn Peer,
    /// Whether flashes that were taken are removed.
    pub(super) takes: bool,
    /// Whether the client can be given no token: the response has started, or it keeps no cookie.
    pub(super) late: bool,
    pub(super) caller: Caller,
}

/// Who made the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A client that keeps cookies.
    Keeper,
    /// One that a page of another origin had make it, which signs nobody in.
    Foreign,
    /// A client that keeps no cookie.
    Bearer,
}

/// One step in the storage, and what comes of it.
pub(super) struct Plan<T> {
    pub(super) step: Step,
    /// What is lost if the step is not carried out.
    pub(super) stake: Stake,
    pub(super) after: After<T>,
}

/// What the request knows once a step is carried out.
pub(super) struct After<T> {
    /// How many sessions the request had begun.
    begun: u32,
    data: Arc<T>,
    foreign: Foreign,
    size: usize,
}

/// A session that keeps its keys.
pub(super) struct Kept {
    /// The key that the request came by.
    pub(super) key: Key,
    pub(super) via: Via,
    /// The metadata that the session has once the step is carried out, if that changes.
    pub(super) meta: Option<Box<Meta>>,
    /// Whether the session was given a lifetime of its own, of which the client must be told.
    pub(super) lengthened: bool,
}

/// What becomes of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stay,
    Rotate,
    Renew,
}

/// What is lost if a step is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stake {
    /// That the session was used: the answer of the handler stands.
    Use,
    /// That a flash was taken: the answer stands if the session is gone.
    Flash,
    /// What the handler did.
    Data,
}

/// One step in the storage.
pub(super) enum Step {
    Commit(Kept, Patch),
    Touch(Kept, Seen),
    Issue(Box<Issue>),
}

/// A step that brings a new token.
pub(super) struct Issue {
    pub(super) token: Token,
    /// The metadata that the session has then.
    pub(super) meta: Meta,
    pub(super) means: Means,
}

/// How a session is given a new token. `lost` is the name of the session to replace, if its key may lead to it no more.
pub(super) enum Means {
    Create { record: Record },
    Restart { old: Key, lost: Option<Handle>, record: Record },
    Rotate { old: Key, patch: Patch },
    Renew { old: Key, patch: Patch },
}

impl From<Issue> for Step {
    fn from(issue: Issue) -> Self {
        Self::Issue(Box::new(issue))
    }
}

impl From<NoRandomness> for SessionError {
    fn from(_: NoRandomness) -> Self {
        Self::Storage(StorageError::unavailable("the operating system gave no random bits"))
    }
}

impl Planner<'_> {
    /// Returns when a session ends unless it is used again.
    fn expiry(&self, deadline: Now, ttl: Option<Duration>) -> Now {
        let idle = self.config.idle.max(ttl.unwrap_or_default());
        self.now.after(idle).min(deadline)
    }

    fn deadline(&self, ttl: Option<Duration>) -> Now {
        self.now.after(ttl.unwrap_or(self.config.ttl))
    }

    fn seen(&self, deadline: Now, ttl: Option<Duration>) -> Seen {
        Seen { at: self.now, expires_at: self.expiry(deadline, ttl), client: self.peer.client() }
    }

    /// Returns whether the session gets a new token because its token is old.
    fn renews(&self, meta: &Meta, via: Via) -> bool {
        !self.late && self.config.renews(meta, via, self.now)
    }
}

impl<T: SessionData> Edits<T> {
    /// Returns whether nothing must be written, and the response brings no cookie.
    pub(super) fn are_settled(&self) -> bool {
        let over = self.closed.is_none() && self.ending.is_none() && !self.removal;
        over && self.delivery == Delivery::Nothing
            && self.changes.are_none()
            && match (self.life, &self.live) {
                (Life::Absent | Life::Ended, _) => true,
                (Life::Live, Some(live)) => !live.due,
                (Life::Live, None) | (Life::Begun { .. }, _) => false,
            }
    }

    /// Returns what must be written, and takes the edits as written: they are tried once.
    ///
    /// What needs a cookie is `TooLate` once the response has started.
    pub(super) fn plan(&mut self, by: &Planner<'_>) -> Result<Option<Plan<T>>, SessionError> {
        let begun = matches!(self.life, Life::Begun { .. });
        let told = begun || self.must_be_told(by);
        if by.late && self.closed.is_none() && told {
            // Such a client's first edit begins no session: it signs in.
            let visits = by.caller == Caller::Bearer && matches!(self.life, Life::Begun { authenticated: false, .. });
            return Err(if visits { SessionError::Missing } else { SessionError::TooLate });
        }
        match (self.life, &self.closed) {
            (Life::Absent | Life::Ended, _) | (_, Some(_)) => Ok(None),
            (Life::Begun { authenticated, .. }, None) => self.plan_start(by, authenticated).map(Some),
            (Life::Live, None) => self.plan_change(by),
        }
    }

    /// Returns whether the client must be told of what was changed.
    fn must_be_told(&self, by: &Planner<'_>) -> bool {
        if by.config.in_cookie {
            !self.changes.are_none()
        } else if by.caller == Caller::Bearer {
            self.changes.need_token()
        } else {
            self.changes.need_cookie()
        }
    }
}
