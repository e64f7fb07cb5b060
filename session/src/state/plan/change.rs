//! Changing a session that lives.

use std::mem;
use std::sync::Arc;

use super::{After, Fate, Issue, Kept, Means, Plan, Planner, Stake, Step};
use crate::data::{SessionData, indices};
use crate::error::SessionError;
use crate::record::{Change, Meta, MetaPatch, Patch, growth};
use crate::state::changes::Changes;
use crate::state::edits::{Edits, Live};
use crate::token::{Handle, Token};

impl<T: SessionData> Edits<T> {
    pub(super) fn plan_change(&mut self, by: &Planner<'_>) -> Result<Option<Plan<T>>, SessionError> {
        let handle = self.handle()?;
        let untaken = if by.takes { 0 } else { self.changes.untake() };
        let (Some(live), Some(data), Some(handle)) = (&self.live, &self.data, handle) else { return Ok(None) };
        let changed = self.changes.effective::<T>(&live.base, data);
        let fate = self.fate(by, live);
        let silent = changed & !self.changes.taken == 0 && !self.changes.need_cookie();
        let unchanged = silent && changed == 0 && fate == Fate::Stay;
        if unchanged && !by.config.touches(&live.meta, live.via, by.now) {
            return Ok(None);
        }
        let now = if untaken == 0 { data.clone() } else { restored::<T>(data, &live.base, untaken) };
        let growth = growth::<T>(changed, &live.base, &now);
        let size = by.config.writable(live.size.saturating_add_signed(growth), live.size)?;
        let mut patch = if changed == 0 {
            Patch::default()
        } else {
            let additions = mem::take(&mut self.changes.additions);
            let (base, absolute, foreign) = (live.base.clone(), self.changes.absolute, live.foreign);
            Patch::of(Change { base, now, changed, absolute, foreign, additions, growth })
        };
        self.patch_meta(&mut patch.meta, by, live, handle, data, fate);
        patch.max_per_user = by.config.max_per_user.filter(|_| patch.meta.identified == Some(true));
        let step = if fate == Fate::Stay {
            let meta = (!patch.meta.is_empty()).then(|| Box::new(patched(&live.meta, &patch.meta)));
            let kept = Kept { key: live.key, via: live.via, meta, lengthened: self.changes.ttl.is_some() };
            match patch.meta.seen {
                Some(seen) if unchanged => Step::Touch(kept, seen),
                _ => Step::Commit(kept, patch),
            }
        } else {
            let (old, token, meta) = (live.key, Token::random(handle.tag())?, patched(&live.meta, &patch.meta));
            let means = if fate == Fate::Rotate { Means::Rotate { old, patch } } else { Means::Renew { old, patch } };
            Issue { token, meta, means }.into()
        };
        let stake = match (silent, changed) {
            (true, 0) => Stake::Use,
            (true, _) => Stake::Flash,
            (false, _) => Stake::Data,
        };
        let foreign = live.foreign.without(changed);
        let data = data.clone();
        self.changes = Changes::default();
        if let Some(live) = &mut self.live {
            live.writing = Some(data.clone());
        }
        let after = After { begun: self.begun, data, foreign, size };
        Ok(Some(Plan { step, stake, after }))
    }

    fn fate(&self, by: &Planner<'_>, live: &Live<T>) -> Fate {
        let due = live.meta.rotation_due && !by.late;
        if self.changes.privilege || self.changes.authenticated || due {
            Fate::Rotate
        } else if by.renews(&live.meta, live.via) {
            Fate::Renew
        } else {
            Fate::Stay
        }
    }

    fn patch_meta(
        &self,
        patch: &mut MetaPatch,
        by: &Planner<'_>,
        live: &Live<T>,
        handle: Handle,
        data: &T,
        fate: Fate,
    ) {
        let renamed = handle != live.meta.handle;
        if renamed {
            patch.handle = Some(handle);
            patch.identified = Some(data.identity().is_some());
        }
        let signed_in = self.changes.authenticated || (renamed && patch.identified == Some(true));
        if signed_in {
            patch.authenticated_at = Some(by.now);
        }
        patch.ttl = self.changes.ttl;
        let ttl = patch.ttl.or(live.meta.ttl);
        if signed_in || patch.ttl.is_some() {
            let deadline = by.deadline(ttl);
            patch.deadline = Some(deadline);
            patch.expires_at = Some(by.expiry(deadline, ttl));
        }
        if fate != Fate::Stay {
            patch.renewed_at = Some(by.now);
        }
        if live.meta.rotation_due && fate == Fate::Rotate {
            patch.rotation_due = Some(false);
        }
        if fate != Fate::Stay || patch.deadline.is_some() || by.config.rides(&live.meta, live.via, by.now) {
            patch.seen = Some(by.seen(patch.deadline.unwrap_or(live.meta.deadline), ttl));
        }
    }
}

/// Returns what a patch makes of metadata.
fn patched(meta: &Meta, patch: &MetaPatch) -> Meta {
    let mut meta = meta.clone();
    patch.apply(&mut meta);
    meta
}

/// Returns the data with these fields, given as bits, as they were.
fn restored<T: SessionData>(data: &T, base: &T, fields: u128) -> Arc<T> {
    let mut restored = data.clone();
    for index in indices(fields) {
        T::FIELDS[index].reset(&mut restored, base);
    }
    Arc::new(restored)
}
