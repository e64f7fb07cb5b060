//! What must be written for a request.

use std::sync::Arc;
use std::time::Duration;

use super::edits::{Edits, Life, Live};
use crate::clock::Now;
use crate::core::Settings;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::record::{Change, Client, Meta, MetaPatch, Patch, Record, Seen};
use crate::storage::Via;
use crate::token::{Key, NoRandomness, Token};

/// What a plan is made from, beside the request's edits.
pub(super) struct Planner<'c> {
    pub(super) config: &'c Settings,
    pub(super) now: Now,
    pub(super) client: Option<Arc<Client>>,
    /// Whether flashes that were taken are removed.
    pub(super) takes: bool,
    /// Whether the response has started, so that no cookie can be sent.
    pub(super) late: bool,
}

/// One step in the storage, and what the request knows once it is done.
pub(super) struct Plan<T> {
    step: Option<Step>,
    /// Whether the cookie that came is that of the session, so that it may be sent again to live longer.
    slides: bool,
    /// Whether the answer of the handler stands if the session turns out to be gone.
    pub(super) quiet: bool,
    meta: Meta,
    data: Arc<T>,
    foreign: u128,
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
        Self::Storage(crate::error::StorageError::unavailable("the operating system gave no random bits"))
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

    fn seen(&self, meta: &Meta) -> Seen {
        Seen { at: self.now, expires_at: self.expiry(meta.deadline, meta.ttl), client: self.client.clone() }
    }

    /// Returns whether a use of the session must be written down though nothing else is.
    fn touches<T>(&self, live: &Live<T>) -> bool {
        match live.via {
            Via::Pending => true,
            Via::Grace => false,
            Via::Current => live.meta.newborn || self.now.since(live.meta.seen_at) >= self.config.idle / 10,
        }
    }

    fn renews<T>(&self, live: &Live<T>) -> bool {
        let age = self.now.since(live.meta.renewed_at);
        !self.late && live.via == Via::Current && self.config.renew.is_some_and(|renew| age >= renew)
    }
}

impl<T: SessionData> Edits<T> {
    /// Returns what must be written, and takes the edits as written: they are tried once.
    ///
    /// What needs a cookie is `TooLate` once the response has started.
    pub(super) fn plan(&mut self, by: &Planner<'_>) -> Result<Option<Plan<T>>, SessionError> {
        let begun = matches!(self.life, Life::Begun { .. });
        let needs_cookie = begun || self.privilege || self.authenticated || self.ttl.is_some();
        if by.late && self.closed.is_none() && needs_cookie {
            return Err(SessionError::TooLate);
        }
        match (self.life, &self.closed) {
            (Life::Absent | Life::Ended, _) => Ok(None),
            (_, Some(_)) => Ok(None),
            (Life::Begun { authenticated, .. }, None) => self.plan_start(by, authenticated).map(Some),
            (Life::Live, None) => self.plan_change(by),
        }
    }

    fn plan_start(&mut self, by: &Planner<'_>, authenticated: bool) -> Result<Plan<T>, SessionError> {
        let (Some(handle), Some(data)) = (self.handle()?, self.data.clone()) else {
            return Err(SessionError::Missing);
        };
        if self.moved.is_some() && !authenticated {
            return Err(SessionError::Moved);
        }
        let identified = data.identity().is_some();
        let deadline = by.deadline(self.ttl);
        let newborn = !identified && self.ttl.is_none();
        let expires_at =
            if newborn { by.now.after(by.config.newborn).min(deadline) } else { by.expiry(deadline, self.ttl) };
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
            ttl: self.ttl,
            client: by.client.clone(),
        };
        let mut record = Record::of(meta.clone(), data.clone());
        record.max_per_user = by.config.max_per_user.filter(|_| identified);
        let token = Token::random(handle.tag())?;
        let old = self.live.as_ref().map(|live| live.key).or(self.moved).or(self.ending);
        let step = match old {
            Some(old) => Step::Restart { old, token, record },
            None => Step::Create { token, record },
        };
        self.take_edits();
        self.ending = None;
        Ok(Plan { step: Some(step), slides: false, quiet: false, meta, data, foreign: 0 })
    }

    fn plan_change(&mut self, by: &Planner<'_>) -> Result<Option<Plan<T>>, SessionError> {
        let handle = self.handle()?;
        let (Some(live), Some(data), Some(handle)) = (&self.live, self.data.clone(), handle) else { return Ok(None) };
        let untaken = if by.takes { 0 } else { self.changes.taken };
        let changed = self.changes.effective::<T>(&live.base, &data) & !untaken;
        let rotates = self.privilege || self.authenticated || (live.meta.rotation_due && !by.late);
        let renews = !rotates && by.renews(live);
        let silent = changed & !self.changes.taken == 0 && !rotates && self.ttl.is_none();
        if silent && changed == 0 && !renews && !by.touches(live) {
            return Ok(None);
        }
        let patch = self.patch_meta(by, live, handle, &data, rotates, renews);
        let mut meta = live.meta.clone();
        patch.apply(&mut meta);
        let change = (changed != 0).then(|| self.change(live, data.clone(), changed));
        let writes = change.is_some() || !silent || renews;
        let step = if writes {
            self.step(by, live, &meta, Patch::of(patch, change), rotates, renews)?
        } else {
            Step::Touch { key: live.key, seen: by.seen(&live.meta) }
        };
        let slides = live.via != Via::Grace;
        let plan = Plan { step: Some(step), slides, quiet: silent, meta, data, foreign: live.foreign & !changed };
        self.take_edits();
        Ok(Some(plan))
    }

    fn change(&self, live: &Live<T>, now: Arc<T>, changed: u128) -> Change<T> {
        let absolute = self.changes.absolute;
        let additions = self.changes.additions.clone();
        Change { base: live.base.clone(), now, changed, absolute, foreign: live.foreign, additions }
    }

    fn step(
        &self,
        by: &Planner<'_>,
        live: &Live<T>,
        meta: &Meta,
        mut patch: Patch,
        rotates: bool,
        renews: bool,
    ) -> Result<Step, SessionError> {
        if !rotates && !renews {
            return Ok(Step::Commit { key: live.key, patch });
        }
        let token = Token::random(meta.handle.tag())?;
        patch.max_per_user = by.config.max_per_user.filter(|_| patch.meta.identified == Some(true));
        Ok(match rotates {
            true => Step::Rotate { old: live.key, token, patch },
            false => Step::Renew { old: live.key, token, patch },
        })
    }

    fn patch_meta(
        &self,
        by: &Planner<'_>,
        live: &Live<T>,
        handle: crate::token::Handle,
        data: &T,
        rotates: bool,
        renews: bool,
    ) -> MetaPatch {
        let mut patch = MetaPatch::default();
        let mut meta = live.meta.clone();
        let renamed = handle != live.meta.handle;
        if renamed {
            patch.handle = Some(handle);
            patch.identified = Some(data.identity().is_some());
        }
        let signed_in = self.authenticated || (renamed && patch.identified == Some(true));
        if signed_in {
            patch.authenticated_at = Some(by.now);
        }
        if self.ttl.is_some() {
            patch.ttl = self.ttl;
            meta.ttl = self.ttl;
        }
        if signed_in || self.ttl.is_some() {
            meta.deadline = by.deadline(meta.ttl);
            patch.deadline = Some(meta.deadline);
        }
        if rotates || renews {
            patch.renewed_at = Some(by.now);
        }
        if live.meta.rotation_due && rotates {
            patch.rotation_due = Some(false);
        }
        patch.seen = Some(by.seen(&meta));
        patch
    }

    /// Drops what is not written.
    pub(super) fn discard(&mut self) {
        self.take_edits();
        if matches!(self.life, Life::Begun { .. }) {
            self.life = Life::Ended;
        }
    }

    /// From here on only later edits count.
    fn take_edits(&mut self) {
        self.changes = super::changes::Changes::default();
        self.privilege = false;
        self.authenticated = false;
        self.ttl = None;
    }

    /// Takes note that a plan was carried out under this key.
    pub(super) fn settle(&mut self, plan: Plan<T>, key: Key, via: Via) {
        let Plan { meta, data, foreign, .. } = plan;
        if self.life == Life::Ended {
            // It was ended while it was written: what was written must go, too.
            self.ending = Some(key);
        } else {
            self.life = Life::Live;
        }
        self.moved = None;
        self.drawn = None;
        self.live = Some(Live { key, via, meta, base: data, foreign });
    }
}

impl<T> Plan<T> {
    /// Takes the step, to be carried out once.
    pub(super) fn take_step(&mut self) -> Option<Step> {
        self.step.take()
    }

    /// Returns whether the cookie that came may be sent again, to live longer.
    pub(super) fn slides(&self) -> bool {
        self.slides
    }

    /// Returns the metadata that the session has once the plan is carried out.
    pub(super) fn meta(&self) -> &Meta {
        &self.meta
    }
}
