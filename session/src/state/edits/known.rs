//! What the storage has of the session.

use std::sync::Arc;

use super::{Edits, Life, Live, Other};
use crate::clock::Timestamp;
use crate::core::Core;
use crate::data::SessionData;
use crate::record::{Meta, View};
use crate::storage::Via;
use crate::streams::Watched;
use crate::token::Key;

impl<T: SessionData> Edits<T> {
    /// Takes note that the storage has no session of this request.
    pub(in crate::state) fn found_none(&mut self, other: Option<Other>) {
        self.other = other;
        self.data = T::anonymous().map(Arc::new);
    }

    /// Takes note of the session that the storage has.
    pub(in crate::state) fn found(&mut self, key: Key, via: Via, due: bool, meta: &Meta, view: View<T>) {
        let View { value: base, foreign, size, .. } = view;
        self.life = Life::Live;
        self.data = Some(base.clone());
        self.live = Some(Live { key, via, meta: meta.clone(), base, foreign, size, due });
    }

    /// Returns the session that the storage has, if it is somebody's.
    pub(in crate::state) fn stored(&self) -> Option<(Key, Meta, Arc<T>)> {
        let live = self.live.as_ref().filter(|live| live.meta.identified)?;
        Some((live.key, live.meta.clone(), live.base.clone()))
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
