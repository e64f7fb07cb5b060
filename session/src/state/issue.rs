//! Giving a session a new token.

use std::time::Duration;

use super::State;
use super::plan::{After, Issue};
use super::write::Delivery;
use crate::clock::Now;
use crate::core::Carrier;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::event::{EndedBy, EventKind};
use crate::record::Patch;
use crate::storage::{Commit, Created, Rotation, Via};
use crate::token::{Handle, Key, Token};

/// How long the token before a renewal stays good.
const GRACE: Duration = Duration::from_secs(30);

impl<T: SessionData> State<T> {
    /// Writes what brings a new token.
    pub(super) async fn issue(&self, issue: Issue, after: After<T>, now: Now) -> Result<(), SessionError> {
        let handle = after.meta.handle;
        match issue {
            Issue::Create { token, record } => {
                let (key, value) = (token.key(), self.seal(&token)?);
                let created = self.within(self.storage().create(&key, record, now)).await?;
                let Created::Created { evicted } = created else { return Err(SessionError::Moved) };
                self.evicted(evicted);
                self.give(after, key, value, now);
                self.tell(EventKind::Created, Some(handle));
            }
            Issue::Restart { old, lost, token, record } => {
                if let (Some(handle), Some(index)) = (lost, self.storage().index()) {
                    self.within(index.delete(&handle, now)).await?;
                }
                let replaced = self.look(|edits| edits.name());
                let how = Rotation::Restart(record);
                self.rotate(old, token, Patch::default(), how, after, now).await?;
                self.core.streams.stir(old.tag());
                if let Some((handle, identifier)) = replaced {
                    self.core.tell(EventKind::Ended(EndedBy::Owner), Some(handle), identifier, self.ip());
                }
                self.tell(EventKind::Created, Some(handle));
            }
            Issue::Rotate { old, token, patch } => {
                self.rotate(old, token, patch, Rotation::Privilege, after, now).await?;
                if handle.tag() != old.tag() {
                    self.core.streams.stir(old.tag());
                }
                self.tell(EventKind::Rotated, Some(handle));
            }
            Issue::Renew { old, token, patch } => self.renew(old, token, patch, after, now).await?,
        }
        Ok(())
    }

    async fn rotate(
        &self,
        old: Key,
        token: Token,
        patch: Patch,
        how: Rotation,
        after: After<T>,
        now: Now,
    ) -> Result<(), SessionError> {
        let (key, value) = (token.key(), self.seal(&token)?);
        let done = self.within(self.storage().rotate(&old, &key, patch, how, now)).await?;
        self.evicted(Done::of(done)?.evicted);
        self.give(after, key, value, now);
        Ok(())
    }

    async fn renew(&self, old: Key, token: Token, patch: Patch, after: After<T>, now: Now) -> Result<(), SessionError> {
        let value = self.seal(&token)?;
        let how = Rotation::Renewal { grace: GRACE };
        let done = self.within(self.storage().rotate(&old, &token.key(), patch, how, now)).await?;
        let rotated = Done::of(done)?.rotated;
        if let (true, Some(value)) = (rotated, value) {
            let max_age = self.max_age(&after.meta, now);
            self.look(|edits| edits.delivery = Delivery::Token { value, max_age });
            self.tell(EventKind::Renewed, Some(after.meta.handle));
        }
        // Until the new token is presented the session is found by the old one. One that another request has renewed is as
        // good as in grace: it is not sent again.
        let via = if rotated { Via::Current } else { Via::Grace };
        self.look(|edits| edits.settle(after, (old, via), now));
        Ok(())
    }

    /// Takes note of a session under a new key, whose token the client is to get.
    fn give(&self, after: After<T>, key: Key, value: Option<String>, now: Now) {
        self.core.streams.rekey(after.meta.handle, key);
        let max_age = self.max_age(&after.meta, now);
        let value = value.or_else(|| self.take_carried());
        self.look(|edits| {
            edits.delivery = value.map_or(Delivery::Nothing, |value| Delivery::Token { value, max_age });
            edits.settle(after, (key, Via::Current), now);
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
