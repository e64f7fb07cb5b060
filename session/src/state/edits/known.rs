//! What the storage has of the session.

use std::sync::Arc;
use std::time::Duration;

use super::{Edits, Life, Live, Other};
use crate::clock::Timestamp;
use crate::core::Core;
use crate::data::SessionData;
use crate::record::Meta;
use crate::state::known::Stored;
use crate::storage::{MOVED_FOR, Via};
use crate::streams::Watched;
use crate::token::{Handle, Key};

impl<T> From<Stored<T>> for Live<T> {
    fn from(session: Stored<T>) -> Self {
        let Stored { key, via, at, due, record, value: base, foreign, size } = session;
        let at = if via == Via::Grace { Timestamp::default() } else { at };
        Self { key, via, at, meta: record.meta.clone(), base, writing: None, foreign, size, due }
    }
}

impl<T: SessionData> Edits<T> {
    /// Returns what is known of a session that was found.
    pub(in crate::state) fn with(session: Stored<T>) -> Self {
        Self { life: Life::Live, data: Some(session.value.clone()), live: Some(session.into()), ..Self::new(None) }
    }

    /// Takes note that the storage has no session of this request.
    pub(in crate::state) fn found_none(&mut self, other: Option<Other>) {
        self.other = other;
        self.data = T::anonymous().map(Arc::new);
    }

    /// Takes note of the session that the storage has.
    pub(in crate::state) fn found(&mut self, session: Stored<T>) {
        self.life = Life::Live;
        self.data = Some(session.value.clone());
        self.live = Some(session.into());
    }

    /// Returns the session that the storage has, if it is somebody's.
    pub(in crate::state) fn stored(&self) -> Option<(Key, Meta, Arc<T>)> {
        let live = self.live.as_ref().filter(|live| live.meta.identified)?;
        Some((live.key, live.meta.clone(), live.base.clone()))
    }

    /// Returns the name of the session that the storage has, if its key may lead to it no more: somebody may have given it
    /// another, so long ago that the marker is gone.
    pub(in crate::state) fn lost(&self, now: Timestamp) -> Option<Handle> {
        self.live.as_ref().filter(|live| live.is_lost(now)).map(|live| live.meta.handle)
    }

    /// Returns the key and the name of the session whose data is to be changed, if the key may lead to it no more; `takes`
    /// says whether flashes that were taken are removed. A pending key does, and becomes the current one by the change.
    pub(in crate::state) fn straying(&self, now: Timestamp, takes: bool) -> Option<(Key, Handle)> {
        let is_lost = |live: &&Live<T>| live.via != Via::Pending && live.is_lost(now);
        let live = self.live.as_ref().filter(|_| self.life == Life::Live && self.closed.is_none()).filter(is_lost)?;
        let changed = self.changes.effective::<T>(&live.base, self.data.as_ref()?);
        let kept = if takes { 0 } else { self.changes.taken };
        (changed & !kept != 0 && !self.changes.need_cookie()).then_some((live.key, live.meta.handle))
    }

    /// Takes note that the session is still found by its key.
    pub(in crate::state) fn found_again(&mut self, via: Via, now: Timestamp) {
        if let Some(live) = self.live.as_mut().filter(|_| via == Via::Current) {
            live.at = now;
        }
    }

    /// Takes note under which key the session lives, if its tokens were replaced because of their age alone: it was given no
    /// roles, and its client has not proved anew who it is. The token that came gains nothing by it.
    pub(in crate::state) fn follow(&mut self, key: Key, meta: &Meta, data: &T, renew: Duration) {
        let Some(live) = &mut self.live else { return };
        let later = meta.renewed_at.since(live.meta.renewed_at);
        let renewed = later.is_zero() || later >= renew;
        let same = T::FIELDS.iter().all(|field| !field.rotates() || !field.differs(&live.base, data));
        // Roles that were given and taken back are other roles, too: a rotation is due.
        if renewed && same && !meta.rotation_due && live.meta.authenticated_at == meta.authenticated_at {
            (live.key, live.via, live.meta) = (key, Via::Grace, meta.clone());
        }
    }

    /// Enters the session among those that streams watch. One that begins has until then to be saved.
    pub(crate) fn watched(&mut self, core: &Core, now: Timestamp) -> Option<(Arc<Watched>, Option<Timestamp>)> {
        let handle = self.handle().ok()??;
        let live = self.live.as_ref().filter(|live| live.meta.handle == handle);
        let begins = if live.is_some() { None } else { self.times(&core.settings, now).map(|times| times.expires) };
        Some((core.streams.watch(handle, live.map(|live| live.key)), begins))
    }

    /// Forgets the session that the storage had; `removal` says that the browser's cookie must go.
    pub(in crate::state) fn forget(&mut self, removal: bool) {
        self.live = None;
        self.life = Life::Absent;
        self.removal = removal;
        self.found_none(None);
    }
}

impl<T> Live<T> {
    /// Returns whether the key may lead to the session no more.
    fn is_lost(&self, now: Timestamp) -> bool {
        now.since(self.at) >= MOVED_FOR / 2
    }
}
