//! What must be written for a request.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::changes::Changes;
use super::client::Peer;
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
    pub(super) client: &'c OnceLock<Option<Arc<Client>>>,
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
    /// By which of the session's keys the request came; by none to a session that begins.
    came: Option<(Key, Via)>,
    /// How many sessions the request had begun.
    begun: u32,
    /// The metadata that the session has then.
    pub(super) meta: Meta,
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
    Commit { key: Key, patch: Patch },
    Touch { key: Key, seen: Seen },
    Issue(Box<Issue>),
}

/// A step that brings a new token.
pub(super) enum Issue {
    Create { token: Token, record: Record },
    Restart { old: Key, token: Token, record: Record },
    Rotate { old: Key, token: Token, patch: Patch },
    Renew { old: Key, token: Token, patch: Patch },
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

    fn client(&self) -> Option<Arc<Client>> {
        self.client.get_or_init(|| self.peer.client()).clone()
    }

    fn seen(&self, deadline: Now, ttl: Option<Duration>) -> Seen {
        Seen { at: self.now, expires_at: self.expiry(deadline, ttl), client: self.client() }
    }

    /// Refuses what would be too large to be read again.
    fn bounded(&self, size: usize) -> Result<usize, StorageError> {
        let limit = self.config.max_size;
        if size > limit { Err(StorageError::TooLarge { size, limit }) } else { Ok(size) }
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

    fn plan_start(&mut self, by: &Planner<'_>, authenticated: bool) -> Result<Plan<T>, SessionError> {
        let (Some(handle), Some(data)) = (self.handle()?, self.data.clone()) else {
            return Err(SessionError::Missing);
        };
        if matches!(self.other, Some(Other::Moved(_))) && !authenticated {
            return Err(SessionError::Moved);
        }
        let identified = data.identity().is_some();
        if by.caller == Caller::Foreign && (authenticated || identified) {
            return Err(SessionError::CrossSite);
        }
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
            client: by.client(),
        };
        let mut record = Record::of(meta.clone(), data.clone());
        record.max_per_user = by.config.max_per_user.filter(|_| identified);
        let size = by.bounded(record.size())?;
        let token = Token::random(handle.tag())?;
        let old = self.live.as_ref().map(|live| live.key).or(self.other.map(Other::key)).or(self.ending);
        let issue = match old {
            Some(old) => Issue::Restart { old, token, record },
            None => Issue::Create { token, record },
        };
        self.changes = Changes::default();
        let after = After { came: None, begun: self.begun, meta, data, foreign: Foreign::default(), size };
        Ok(Plan { step: issue.into(), stake: Stake::Data, after })
    }

    fn plan_change(&mut self, by: &Planner<'_>) -> Result<Option<Plan<T>>, SessionError> {
        let handle = self.handle()?;
        let untaken = if by.takes { 0 } else { self.changes.untake() };
        let (Some(live), Some(data), Some(handle)) = (&self.live, self.data.clone(), handle) else { return Ok(None) };
        let changed = self.changes.effective::<T>(&live.base, &data);
        let turn = self.turn(by, live);
        let silent = changed & !self.changes.taken == 0 && !self.changes.need_cookie();
        if silent && changed == 0 && turn == Turn::Stay && !by.config.touches(&live.meta, live.via, by.now) {
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
        let after = After { came: Some((live.key, live.via)), begun: self.begun, meta, data, foreign, size };
        self.changes = Changes::default();
        Ok(Some(Plan { step, stake, after }))
    }

    fn change(&self, live: &Live<T>, now: Arc<T>, changed: u128) -> Change<T> {
        let absolute = self.changes.absolute;
        let additions = self.changes.additions.clone();
        let base = live.base.clone();
        Change { base, now, changed, absolute, foreign: live.foreign, additions, growth: 0 }.measured()
    }

    fn turn(&self, by: &Planner<'_>, live: &Live<T>) -> Turn {
        // A token in grace rotates nothing: what is due waits for the one after it.
        let due = live.meta.rotation_due && !by.late && live.via != Via::Grace;
        if self.changes.privilege || self.changes.authenticated || due {
            Turn::Rotate
        } else if by.renews(&live.meta, live.via) {
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
        if turn != Turn::Stay || patch.deadline.is_some() || by.config.rides(&live.meta, live.via, by.now) {
            patch.seen = Some(by.seen(patch.deadline.unwrap_or(live.meta.deadline), ttl));
        }
        patch
    }

    /// Drops what is not written.
    pub(super) fn discard(&mut self) {
        self.changes = Changes::default();
        if matches!(self.life, Life::Begun { .. }) {
            self.life = Life::Ended;
        }
    }

    /// Takes note that a step was carried out under this key.
    pub(super) fn settle(&mut self, after: After<T>, key: Key, via: Via) {
        let After { begun, meta, data, foreign, size, .. } = after;
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
        self.live = Some(Live { key, via, meta, base: data, foreign, size, due: false });
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
        let token = || Token::random(meta.handle.tag());
        Ok(match self {
            Self::Stay => Step::Commit { key, patch },
            Self::Rotate => Issue::Rotate { old: key, token: token()?, patch }.into(),
            Self::Renew => Issue::Renew { old: key, token: token()?, patch }.into(),
        })
    }
}

impl<T> After<T> {
    /// Returns whether the cookie that came may be sent again, to live longer.
    pub(super) fn slides(&self) -> bool {
        self.came.is_some_and(|(_, via)| via != Via::Grace)
    }

    /// Returns by which of its keys the session is found after a step that leaves the keys as they are.
    pub(super) fn stays(&self) -> Option<(Key, Via)> {
        // A pending key is the current one, now that it was presented.
        self.came.map(|(key, via)| (key, if via == Via::Grace { via } else { Via::Current }))
    }
}
