//! What must be written for a request.

use std::sync::Arc;
use std::time::Duration;

use super::changes::Changes;
use super::edits::{Edits, Life, Live, Other};
use super::write::Delivery;
use crate::clock::Now;
use crate::core::Settings;
use crate::data::{Foreign, SessionData};
use crate::error::{SessionError, StorageError};
use crate::record::{Change, Client, Meta, MetaPatch, Patch, Record, Seen};
use crate::storage::Via;
use crate::token::{Key, NoRandomness, Token};

/// What a plan is made from, beside the request's edits.
pub(super) struct Planner<'c> {
    pub(super) config: &'c Settings,
    pub(super) now: Now,
    pub(super) client: Option<&'c Arc<Client>>,
    /// Whether flashes that were taken are removed.
    pub(super) takes: bool,
    /// Whether the client can be given no token: the response has started, or it keeps no cookie.
    pub(super) late: bool,
    /// Whether the client keeps no cookie.
    pub(super) by_bearer: bool,
}

/// One step in the storage, and what the request knows once it is done.
pub(super) struct Plan<T> {
    step: Option<Step>,
    /// By which of the session's keys the request came; by none to a session that begins.
    via: Option<Via>,
    /// How many sessions the request had begun.
    begun: u32,
    /// What is lost if the step is not carried out.
    pub(super) stake: Stake,
    meta: Meta,
    data: Arc<T>,
    foreign: Foreign,
    size: usize,
}

/// What becomes of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
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
    Create { token: Token, record: Record },
    Restart { old: Key, token: Token, record: Record },
    Rotate { old: Key, token: Token, patch: Patch },
    Renew { old: Key, token: Token, patch: Patch },
    Commit { key: Key, patch: Patch },
    Touch { key: Key, seen: Seen },
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
        Seen { at: self.now, expires_at: self.expiry(deadline, ttl), client: self.client.cloned() }
    }

    /// Refuses what would be too large to be read again.
    fn bounded(&self, size: usize) -> Result<usize, StorageError> {
        let limit = self.config.max_size;
        if size > limit { Err(StorageError::TooLarge { size, limit }) } else { Ok(size) }
    }

    /// Returns whether a use of the session must be written down though nothing else is.
    fn touches<T>(&self, live: &Live<T>) -> bool {
        match live.via {
            Via::Pending => true,
            Via::Grace => false,
            Via::Current => live.meta.newborn || self.now.since(live.meta.seen_at) >= self.config.untouched,
        }
    }

    /// Returns whether a mere use of the session is to be written.
    fn uses<T>(&self, live: &Live<T>) -> bool {
        self.touches(live) || self.renews(live)
    }

    fn renews<T>(&self, live: &Live<T>) -> bool {
        let age = self.now.since(live.meta.renewed_at);
        !self.late && live.via == Via::Current && self.config.renew.is_some_and(|renew| age >= renew)
    }
}

impl<T: SessionData> Edits<T> {
    /// Returns whether nothing must be written, and the response brings no cookie.
    pub(super) fn are_settled<'p>(&self, planner: impl FnOnce() -> Planner<'p>) -> bool {
        let over = self.closed.is_none() && self.ending.is_none() && !self.removal;
        over && self.delivery == Delivery::Nothing
            && self.changes.are_none()
            && match (self.life, &self.live) {
                (Life::Absent | Life::Ended, _) => true,
                (Life::Live, Some(live)) => !live.meta.rotation_due && !planner().uses(live),
                (Life::Live, None) | (Life::Begun { .. }, _) => false,
            }
    }

    /// Returns what must be written, and takes the edits as written: they are tried once.
    ///
    /// What needs a cookie is `TooLate` once the response has started.
    pub(super) fn plan(&mut self, by: &Planner<'_>) -> Result<Option<Box<Plan<T>>>, SessionError> {
        let begun = matches!(self.life, Life::Begun { .. });
        let changed = if by.config.in_cookie { !self.changes.are_none() } else { self.changes.need_cookie() };
        let needs_cookie = begun || changed;
        if by.late && self.closed.is_none() && needs_cookie {
            // Such a client's first edit begins no session: it signs in.
            let visits = by.by_bearer && matches!(self.life, Life::Begun { authenticated: false, .. });
            return Err(if visits { SessionError::Missing } else { SessionError::TooLate });
        }
        match (self.life, &self.closed) {
            (Life::Absent | Life::Ended, _) | (_, Some(_)) => Ok(None),
            (Life::Begun { authenticated, .. }, None) => self.plan_start(by, authenticated).map(Some),
            (Life::Live, None) => self.plan_change(by),
        }
    }

    fn plan_start(&mut self, by: &Planner<'_>, authenticated: bool) -> Result<Box<Plan<T>>, SessionError> {
        let (Some(handle), Some(data)) = (self.handle()?, self.data.clone()) else {
            return Err(SessionError::Missing);
        };
        if matches!(self.other, Some(Other::Moved(_))) && !authenticated {
            return Err(SessionError::Moved);
        }
        let identified = data.identity().is_some();
        let deadline = by.deadline(self.changes.ttl);
        let newborn = self.is_newborn(by.config);
        let expires_at =
            if newborn { by.now.after(by.config.newborn).min(deadline) } else { by.expiry(deadline, self.changes.ttl) };
        let meta = Meta {
            handle,
            version: 1,
            identified,
            newborn,
            rotation_due: false,
            created_at: by.now,
            seen_at: by.now,
            authenticated_at: if authenticated || identified { by.now } else { Now::default() },
            renewed_at: by.now,
            expires_at,
            deadline,
            ttl: self.changes.ttl,
            client: by.client.cloned(),
        };
        let mut record = Record::of(meta.clone(), data.clone());
        record.max_per_user = by.config.max_per_user.filter(|_| identified);
        let size = by.bounded(record.size())?;
        let token = Token::random(handle.tag())?;
        let old = self.live.as_ref().map(|live| live.key).or(self.other.map(Other::key)).or(self.ending);
        let step = match old {
            Some(old) => Step::Restart { old, token, record },
            None => Step::Create { token, record },
        };
        self.changes = Changes::default();
        let (step, foreign, begun) = (Some(step), Foreign::default(), self.begun);
        Ok(Box::new(Plan { step, via: None, begun, stake: Stake::Data, meta, data, foreign, size }))
    }

    fn plan_change(&mut self, by: &Planner<'_>) -> Result<Option<Box<Plan<T>>>, SessionError> {
        let handle = self.handle()?;
        let untaken = if by.takes { 0 } else { self.changes.untake() };
        let (Some(live), Some(data), Some(handle)) = (&self.live, self.data.clone(), handle) else { return Ok(None) };
        let changed = self.changes.effective::<T>(&live.base, &data);
        let turn = self.turn(by, live);
        let silent = changed & !self.changes.taken == 0 && !self.changes.need_cookie();
        if silent && changed == 0 && turn == Turn::Stay && !by.touches(live) {
            return Ok(None);
        }
        let patch = self.patch_meta(by, live, handle, &data, turn);
        let mut meta = live.meta.clone();
        patch.apply(&mut meta);
        let now = if untaken == 0 { data.clone() } else { restored::<T>(&data, &live.base, untaken) };
        let change = (changed != 0).then(|| self.change(live, now, changed));
        let size = change.as_ref().map_or(Ok(live.size), |change| by.bounded(change.size(live.size)))?;
        let step = if silent && changed == 0 && turn == Turn::Stay {
            Step::Touch { key: live.key, seen: by.seen(live.meta.deadline, live.meta.ttl) }
        } else {
            turn.step(by, live.key, &meta, Patch::of(patch, change))?
        };
        let stake = match (silent, changed) {
            (true, 0) => Stake::Use,
            (true, _) => Stake::Flash,
            (false, _) => Stake::Data,
        };
        let foreign = live.foreign.without(changed);
        let plan = Plan { step: Some(step), via: Some(live.via), begun: self.begun, stake, meta, data, foreign, size };
        self.changes = Changes::default();
        Ok(Some(Box::new(plan)))
    }

    fn change(&self, live: &Live<T>, now: Arc<T>, changed: u128) -> Change<T> {
        let absolute = self.changes.absolute;
        let additions = self.changes.additions.clone();
        Change { base: live.base.clone(), now, changed, absolute, foreign: live.foreign, additions }
    }

    fn turn(&self, by: &Planner<'_>, live: &Live<T>) -> Turn {
        // A token in grace rotates nothing: what is due waits for the one after it.
        let due = live.meta.rotation_due && !by.late && live.via != Via::Grace;
        if self.changes.privilege || self.changes.authenticated || due {
            Turn::Rotate
        } else if by.renews(live) {
            Turn::Renew
        } else {
            Turn::Stay
        }
    }

    fn patch_meta(
        &self,
        by: &Planner<'_>,
        live: &Live<T>,
        handle: crate::token::Handle,
        data: &T,
        turn: Turn,
    ) -> MetaPatch {
        let mut patch = MetaPatch { ttl: self.changes.ttl, ..MetaPatch::default() };
        let renamed = handle != live.meta.handle;
        if renamed {
            patch.handle = Some(handle);
            patch.identified = Some(data.identity().is_some());
        }
        let signed_in = self.changes.authenticated || (renamed && patch.identified == Some(true));
        if signed_in {
            patch.authenticated_at = Some(by.now);
        }
        let ttl = patch.ttl.or(live.meta.ttl);
        if signed_in || patch.ttl.is_some() {
            let deadline = by.deadline(ttl);
            patch.deadline = Some(deadline);
            patch.expires_at = Some(by.expiry(deadline, ttl));
        }
        if turn != Turn::Stay {
            patch.renewed_at = Some(by.now);
        }
        if live.meta.rotation_due && turn == Turn::Rotate {
            patch.rotation_due = Some(false);
        }
        patch.seen = Some(by.seen(patch.deadline.unwrap_or(live.meta.deadline), ttl));
        patch
    }

    /// Drops what is not written.
    pub(super) fn discard(&mut self) {
        self.changes = Changes::default();
        if matches!(self.life, Life::Begun { .. }) {
            self.life = Life::Ended;
        }
    }

    /// Takes note that a plan was carried out under this key.
    pub(super) fn settle(&mut self, plan: Plan<T>, key: Key, via: Via) {
        let Plan { begun, meta, data, foreign, size, .. } = plan;
        if self.life == Life::Ended {
            // It was ended while it was written: what was written must go, too.
            self.ending = Some(key);
            self.removal = true;
        } else {
            self.ending = None;
            self.removal = false;
            // Another one that was begun meanwhile takes its place.
            if self.begun == begun {
                self.life = Life::Live;
                self.drawn = None;
            }
        }
        self.other = None;
        self.live = Some(Live { key, via, meta, base: data, foreign, size });
    }
}

/// Returns the data with these fields, given as bits, as they were.
fn restored<T: SessionData>(data: &T, base: &T, fields: u128) -> Arc<T> {
    let mut restored = data.clone();
    for (index, field) in T::FIELDS.iter().enumerate() {
        if fields & (1 << index) != 0 {
            field.reset(&mut restored, base);
        }
    }
    Arc::new(restored)
}

impl Turn {
    fn step(self, by: &Planner<'_>, key: Key, meta: &Meta, mut patch: Patch) -> Result<Step, SessionError> {
        patch.max_per_user = by.config.max_per_user.filter(|_| patch.meta.identified == Some(true));
        Ok(match self {
            Self::Stay => Step::Commit { key, patch },
            Self::Rotate => Step::Rotate { old: key, token: Token::random(meta.handle.tag())?, patch },
            Self::Renew => Step::Renew { old: key, token: Token::random(meta.handle.tag())?, patch },
        })
    }
}

impl<T> Plan<T> {
    /// Takes the step, to be carried out once.
    pub(super) fn take_step(&mut self) -> Option<Step> {
        self.step.take()
    }

    /// Returns whether the cookie that came may be sent again, to live longer.
    pub(super) fn slides(&self) -> bool {
        self.via.is_some_and(|via| via != Via::Grace)
    }

    /// Returns by which of its keys the session is found after a step that leaves the keys as they are.
    pub(super) fn via(&self) -> Via {
        // A pending key is the current one, now that it was presented.
        if self.via == Some(Via::Grace) { Via::Grace } else { Via::Current }
    }

    /// Returns the metadata that the session has once the plan is carried out.
    pub(super) fn meta(&self) -> &Meta {
        &self.meta
    }
}
