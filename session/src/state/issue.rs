//! Giving a session a new token.

use std::time::Duration;

use super::State;
use super::plan::{After, Issue, Means};
use super::write::Delivery;
use crate::clock::Now;
use crate::core::Carrier;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::event::{EndedBy, EventKind};
use crate::record::{Meta, Patch};
use crate::storage::{Commit, Created, Rotation, Via};
use crate::token::{Handle, Key, Token};

/// How long the token before a renewal stays good.
const GRACE: Duration = Duration::from_secs(30);

impl<T: SessionData> State<T> {
    /// Writes what brings a new token.
    pub(super) async fn issue(&self, issue: Issue, after: After<T>, now: Now) -> Result<(), SessionError> {
        let Issue { token, meta, means } = issue;
        let handle = meta.handle;
        match means {
            Means::Create { record } => {
                let (key, value) = (token.key(), self.seal(&token)?);
                let created = self.within(self.storage().create(&key, record, now)).await?;
                let Created::Created { evicted } = created else { return Err(SessionError::Moved) };
                self.evicted(evicted);
                self.give((key, value), meta, after, now);
                self.tell(EventKind::Created, Some(handle));
            }
            Means::Restart { old, lost, record } => {
                if let (Some(handle), Some(index)) = (lost, self.storage().index()) {
                    self.within(index.delete(&handle, now)).await?;
                }
                let replaced = self.look(|edits| edits.name());
                let issued = self.rotate(old, &token, Patch::default(), Rotation::Restart(record), now).await?;
                self.give(issued, meta, after, now);
                self.core.streams.stir(old.tag());
                if let Some((handle, identifier)) = replaced {
                    self.core.tell(EventKind::Ended(EndedBy::Owner), Some(handle), identifier, self.ip());
                }
                self.tell(EventKind::Created, Some(handle));
            }
            Means::Rotate { old, patch } => {
                let issued = self.rotate(old, &token, patch, Rotation::Privilege, now).await?;
                self.give(issued, meta, after, now);
                if handle.tag() != old.tag() {
                    self.core.streams.stir(old.tag());
                }
                self.tell(EventKind::Rotated, Some(handle));
            }
            Means::Renew { old, patch } => self.renew(old, &token, patch, meta, after, now).await?,
        }
        Ok(())
    }

    /// Gives a session the key of a token, and returns it with the token's cookie.
    async fn rotate(
        &self,
        old: Key,
        token: &Token,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<(Key, Option<String>), SessionError> {
        let (key, value) = (token.key(), self.seal(token)?);
        let done = self.within(self.storage().rotate(&old, &key, patch, how, now)).await?;
        self.evicted(Done::of(done)?.evicted);
        Ok((key, value))
    }

    async fn renew(
        &self,
        old: Key,
        token: &Token,
        patch: Patch,
        meta: Meta,
        after: After<T>,
        now: Now,
    ) -> Result<(), SessionError> {
        let value = self.seal(token)?;
        let how = Rotation::Renewal { grace: GRACE };
        let done = self.within(self.storage().rotate(&old, &token.key(), patch, how, now)).await?;
        let rotated = Done::of(done)?.rotated;
        if let (true, Some(value)) = (rotated, value) {
            let max_age = self.max_age(&meta, now);
            self.look(|edits| edits.delivery = Delivery::Token { value, max_age });
            self.tell(EventKind::Renewed, Some(meta.handle));
        }
        // Until the new token is presented the session is found by the old one. One that another request has renewed is as
        // good as in grace: it is not sent again.
        let via = if rotated { Via::Current } else { Via::Grace };
        self.look(|edits| edits.settle(after, Some(meta), (old, via), now));
        Ok(())
    }

    /// Takes note of a session under a new key, whose token the client is to get.
    fn give(&self, (key, value): (Key, Option<String>), meta: Meta, after: After<T>, now: Now) {
        self.core.streams.rekey(meta.handle, key);
        let max_age = self.max_age(&meta, now);
        let value = value.or_else(|| self.take_carried());
        self.look(|edits| {
            edits.delivery = value.map_or(Delivery::Nothing, |value| Delivery::Token { value, max_age });
            edits.settle(after, Some(meta), (key, Via::Current), now);
        });
    }

    /// Returns the cookie of a token, unless it is the session that the cookie carries.
    fn seal(&self, token: &Token) -> Result<Option<String>, SessionError> {
        match &self.core.carrier {
            Carrier::Token { cookie, bearer } => {
                let seal = bearer.as_deref().filter(|_| self.is_by_bearer()).unwrap_or(cookie);
                Ok(Some(seal.seal_token(token)?))
            }
            Carrier::Record(_) => Ok(None),
        }
    }

    /// Returns the cookie that carries what was written last.
    pub(super) fn take_carried(&self) -> Option<String> {
        self.carried.as_ref()?.take_value()
    }

    fn evicted(&self, handles: Vec<Handle>) {
        for handle in handles {
            self.core.streams.stir(handle.tag());
            self.tell(EventKind::Ended(EndedBy::Cap), Some(handle));
        }
    }
}

/// What came of a change that was applied.
pub(super) struct Done {
    rotated: bool,
    evicted: Vec<Handle>,
}

impl Done {
    pub(super) fn of(commit: Commit) -> Result<Self, SessionError> {
        match commit {
            Commit::Committed { rotated, evicted } => Ok(Self { rotated, evicted }),
            Commit::Gone => Err(SessionError::Gone),
            Commit::Moved => Err(SessionError::Moved),
            Commit::Conflict(field) => Err(SessionError::Conflict(field)),
        }
    }
}
