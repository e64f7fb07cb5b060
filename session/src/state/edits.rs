//! What a request knows of its session, and what it has done to it.

use std::sync::Arc;
use std::time::Duration;

use super::changes::Changes;
use super::write::Delivery;
use crate::clock::Timestamp;
use crate::core::{Core, Settings};
use crate::data::{Foreign, Refused, SessionData};
use crate::error::SessionError;
use crate::record::{Meta, View};
use crate::session::Times;
use crate::storage::Via;
use crate::streams::Watched;
use crate::token::{Handle, Identity, Key, NoRandomness, Tag};

/// The session that the storage had when this request last spoke to it.
pub(super) struct Live<T> {
    pub(super) key: Key,
    pub(super) via: Via,
    pub(super) meta: Meta,
    pub(super) base: Arc<T>,
    pub(super) foreign: Foreign,
    pub(super) size: usize,
    /// Whether it was to be written when it was loaded, whatever the request does.
    pub(super) due: bool,
}

/// A session that a key leads to, and that is none of this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// One that has another key by now.
    Moved(Key),
    /// One that can not be read.
    Unreadable(Key),
}

impl Other {
    pub(super) fn key(self) -> Key {
        match self {
            Self::Moved(key) | Self::Unreadable(key) => key,
        }
    }
}

/// Where the session of this request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// There is none.
    Absent,
    /// It lives in the storage.
    Live,
    /// It begins with this request, by signing in or by a first edit.
    Begun { at: Timestamp, authenticated: bool },
    /// This request ended it.
    Ended,
}

/// What a request knows of its session, and what it has done to it.
pub(crate) struct Edits<T> {
    pub(super) live: Option<Live<T>>,
    /// What the presented key leads to, if it is not a session of this request.
    pub(super) other: Option<Other>,
    pub(super) life: Life,
    /// The data as handles see it; a default while there is no session, or nothing where that is required.
    pub(super) data: Option<Arc<T>>,
    pub(super) changes: Changes,
    /// The key of a session to end, whatever comes of the request.
    pub(super) ending: Option<Key>,
    /// The name of the session that is to begin.
    pub(super) drawn: Option<Handle>,
    /// Why nothing more is written in this request.
    pub(super) closed: Option<SessionError>,
    /// Whether nobody was told of that, because nobody waited.
    pub(super) abandoned: bool,
    /// Whether the browser's cookie must go.
    pub(super) removal: bool,
    /// The cookie that the response must bring.
    pub(super) delivery: Delivery,
    /// Whether edits were ignored since somebody was told.
    pub(super) ignored: bool,
    /// How many sessions this request began.
    pub(super) begun: u32,
}

impl<T: SessionData> Edits<T> {
    /// Returns what is known before the storage is asked: the data without a session, if there is none.
    #[inline]
    pub(super) fn new(data: Option<Arc<T>>) -> Self {
        Self {
            live: None,
            other: None,
            life: Life::Absent,
            data,
            changes: Changes::default(),
            ending: None,
            drawn: None,
            closed: None,
            abandoned: false,
            removal: false,
            delivery: Delivery::Nothing,
            ignored: false,
            begun: 0,
        }
    }

    /// Takes note that the storage has no session of this request.
    pub(super) fn found_none(&mut self, other: Option<Other>) {
        self.other = other;
        self.data = T::anonymous().map(Arc::new);
    }

    /// Takes note of the session that the storage has.
    pub(super) fn found(&mut self, key: Key, via: Via, due: bool, meta: &Meta, view: View<T>) {
        let View { value: base, foreign, size, .. } = view;
        self.life = Life::Live;
        self.data = Some(base.clone());
        self.live = Some(Live { key, via, meta: meta.clone(), base, foreign, size, due });
    }

    /// Returns the session that the storage has, if it is somebody's.
    pub(super) fn stored(&self) -> Option<(Key, Meta, Arc<T>)> {
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
    pub(super) fn forget(&mut self, removal: bool) {
        self.live = None;
        self.life = Life::Absent;
        self.removal = removal;
        self.found_none(None);
    }

    /// Returns whether there is a session.
    pub(super) fn exists(&self) -> bool {
        matches!(self.life, Life::Live | Life::Begun { .. })
    }

    /// Returns the data, if there is a session.
    pub(crate) fn session_data(&self) -> Option<&Arc<T>> {
        self.data.as_ref().filter(|_| self.exists())
    }

    /// Returns the data as handles see it, with or without a session; after its end, as without one.
    pub(super) fn seen_data(&self) -> Option<Arc<T>> {
        let anonymous = if self.life == Life::Ended { T::anonymous().map(Arc::new) } else { None };
        anonymous.or_else(|| self.data.clone())
    }

    /// Returns the name of the session that the storage has, and the text of its identifier.
    pub(super) fn name(&self) -> Option<(Handle, Option<String>)> {
        self.live.as_ref().map(|live| (live.meta.handle, live.base.identity()))
    }

    /// Returns the text of the identifier of a session; without a name, of the one that there is, or was.
    pub(super) fn identifier(&self, handle: Option<Handle>) -> Option<String> {
        if let Some((_, identifier)) = self.name().filter(|(stored, _)| Some(*stored) == handle) {
            return identifier;
        }
        self.data.as_ref().filter(|_| self.life != Life::Absent)?.identity()
    }

    /// Returns whether something was done that is not written.
    pub(super) fn is_dirty(&self) -> bool {
        let begun = matches!(self.life, Life::Begun { .. });
        let changed = match (&self.live, &self.data) {
            (Some(live), Some(data)) => self.changes.effective::<T>(&live.base, data) != 0,
            _ => false,
        };
        self.closed.is_none() && (begun || changed || self.changes.need_cookie())
    }

    /// Returns whether edits were ignored since the last call.
    pub(super) fn take_ignored(&mut self) -> bool {
        std::mem::take(&mut self.ignored)
    }

    /// Returns the metadata of the session in the storage, if the session is that one.
    pub(super) fn meta(&self) -> Option<&Meta> {
        self.live.as_ref().filter(|_| self.life == Life::Live).map(|live| &live.meta)
    }

    /// Returns whether the session was somebody's when the storage last had it.
    pub(crate) fn was_somebodys(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.meta.identified)
    }

    /// Returns the identity of the data, if it has one.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let identifier = self.session_data()?.identity()?;
        Some(Identity::new(T::NAME, &identifier))
    }

    /// Returns the public name of the session, drawing one for a session that is to begin.
    pub(crate) fn handle(&mut self) -> Result<Option<Handle>, NoRandomness> {
        if !self.exists() {
            return Ok(None);
        }
        let identity = if self.changes.privilege || self.life != Life::Live { self.identity() } else { None };
        match (self.meta(), identity) {
            (Some(meta), None) if !(self.changes.privilege && meta.identified) => Ok(Some(meta.handle)),
            (Some(meta), Some(identity)) if meta.identified && meta.handle.tag() == identity.tag() => {
                Ok(Some(meta.handle))
            }
            (_, identity) => self.draw(identity).map(Some),
        }
    }

    fn draw(&mut self, identity: Option<Identity>) -> Result<Handle, NoRandomness> {
        let fits = |handle: &Handle| identity.is_none_or(|identity| identity.tag() == handle.tag());
        if let Some(handle) = self.drawn.filter(fits) {
            return Ok(handle);
        }
        let tag = match identity {
            Some(identity) => identity.tag(),
            None => Tag::random()?,
        };
        let handle = Handle::random(tag)?;
        self.drawn = Some(handle);
        Ok(handle)
    }

    /// Begins a session in the place of whatever there was.
    pub(crate) fn start(&mut self, data: T, now: Timestamp) {
        if self.is_closed() {
            return;
        }
        self.data = Some(Arc::new(data));
        self.begun += 1;
        self.life = Life::Begun { at: now, authenticated: true };
        self.changes = Changes::default();
        self.drawn = None;
    }

    /// Replaces the data; with another identifier, or without a session, it begins a session.
    pub(crate) fn set(&mut self, data: T, now: Timestamp) {
        let same = self.session_data().is_some_and(|current| current.identity() == data.identity());
        if !same {
            return self.start(data, now);
        }
        if self.is_closed() {
            return;
        }
        self.changes.privilege |= data.identity().is_some();
        for index in 0..T::FIELDS.len() {
            self.mark_if_differing(index, &data);
        }
        self.data = Some(Arc::new(data));
    }

    fn mark_if_differing(&mut self, index: usize, data: &T) {
        let field = &T::FIELDS[index];
        if self.data.as_ref().is_some_and(|current| field.differs(current, data)) {
            self.changes.replace(index);
            self.changes.privilege |= field.rotates();
        }
    }

    /// Ends the session. A moved one is ended by the key that it had, and one that can not be read all the same.
    pub(crate) fn end(&mut self) {
        let stored = self.live.as_ref().map(|live| live.key).or(self.other.map(Other::key));
        if let Some(key) = stored.filter(|_| self.life != Life::Ended) {
            self.ending = Some(key);
            self.removal = true;
        }
        let ended = stored.is_some() || self.life != Life::Absent;
        self.finish(if ended { Life::Ended } else { Life::Absent });
    }

    /// Returns the key of a session to end, and its name.
    pub(super) fn ending(&self) -> Option<(Key, Option<Handle>)> {
        Some((self.ending?, self.live.as_ref().map(|live| live.meta.handle)))
    }

    /// Takes note that the session to end is ended, or will be; `found` says whether it might have lived.
    ///
    /// Who finds it ended removes no cookie: the browser may have a newer one.
    pub(super) fn end_done(&mut self, found: bool) {
        self.ending = None;
        self.removal &= found;
    }

    /// Returns the data, if it can be edited.
    pub(crate) fn editable_data(&self) -> Option<Arc<T>> {
        self.data.clone().filter(|_| self.life != Life::Ended)
    }

    /// Returns when the client last proved who it is, if there is a session.
    pub(crate) fn authenticated_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Live => self.meta().map(|meta| meta.authenticated_at),
            Life::Begun { at, authenticated: true } => Some(at),
            Life::Begun { authenticated: false, .. } => Some(Timestamp::default()),
            Life::Absent | Life::Ended => None,
        }
    }

    pub(crate) fn rotate(&mut self) {
        self.changes.privilege |= self.exists() && !self.is_closed();
    }

    pub(crate) fn mark_authenticated(&mut self) {
        if !self.exists() || self.is_closed() {
            return;
        }
        match &mut self.life {
            Life::Begun { authenticated, .. } => *authenticated = true,
            _ => self.changes.authenticated = true,
        }
    }

    pub(crate) fn set_ttl(&mut self, ttl: Duration) {
        if self.exists() && !self.is_closed() {
            self.changes.ttl = Some(ttl);
        }
    }

    /// Returns the times of the session; of one that began in this request, as they will be.
    pub(crate) fn times(&self, config: &Settings, now: Timestamp) -> Option<Times> {
        if let Some(meta) = self.meta() {
            return Some(Times {
                created: meta.created_at,
                seen: meta.seen_at,
                expires: meta.expires_at,
                authenticated: meta.authenticated_at,
            });
        }
        let Life::Begun { at, authenticated } = self.life else { return None };
        let ttl = self.changes.ttl.unwrap_or(config.ttl);
        let idle = if self.is_newborn(config) {
            config.newborn
        } else {
            self.changes.ttl.unwrap_or_default().max(config.idle)
        };
        Some(Times {
            created: at,
            seen: at,
            expires: now.after(idle.min(ttl)),
            authenticated: if authenticated { at } else { Timestamp::default() },
        })
    }

    /// Returns whether a session that begins is nobody's, and so must come back soon, unless it takes no room.
    pub(super) fn is_newborn(&self, config: &Settings) -> bool {
        !config.in_cookie && self.identity().is_none() && self.changes.ttl.is_none()
    }

    /// Takes note that the session of a name is ended in the storage, by this request or before it (`found`), and
    /// ends this one.
    pub(crate) fn ended_as(&mut self, handle: &Handle, found: bool) {
        let included = self.live.as_ref().is_some_and(|live| live.meta.handle == *handle);
        if included { self.ended(found) } else { self.end() }
    }

    /// Takes note that all sessions of an identity were ended in the storage, and ends this one.
    pub(crate) fn ended_with(&mut self, identity: &Identity, found: bool) {
        let included =
            self.live.as_ref().is_some_and(|live| live.meta.identified && live.meta.handle.tag() == identity.tag());
        if included { self.ended(found) } else { self.end() }
    }

    fn ended(&mut self, found: bool) {
        self.removal |= found;
        self.live = None;
        self.finish(Life::Ended);
    }

    fn finish(&mut self, life: Life) {
        self.life = life;
        self.changes = Changes::default();
        self.drawn = None;
    }

    /// Returns whether something could not be written, and nothing more is.
    pub(crate) fn has_failed(&self) -> bool {
        self.closed.is_some()
    }

    /// Returns why something could not be written, unless it was all ended.
    pub(super) fn failure(&self) -> Option<SessionError> {
        self.closed.clone().filter(|_| self.life != Life::Ended)
    }

    /// Returns why something could not be written of which nobody was told.
    pub(crate) fn untold_failure(&self) -> Option<SessionError> {
        self.failure().filter(|_| self.abandoned)
    }

    /// Closes the request's session for writing; edits that were not written are dropped.
    pub(super) fn close(&mut self, why: SessionError) {
        self.changes = Changes::default();
        self.closed = Some(why);
    }

    fn is_closed(&mut self) -> bool {
        self.ignored |= self.closed.is_some();
        self.closed.is_some()
    }

    /// Makes ready for an edit of the data: without a session, the first edit begins one.
    /// Returns the data, or nothing where there is none to edit.
    fn editable(&mut self, now: impl FnOnce() -> Timestamp) -> Option<&mut Arc<T>> {
        if self.life == Life::Ended {
            self.ignored = true;
            return None;
        }
        if self.is_closed() {
            return None;
        }
        if self.life == Life::Absent && self.data.is_some() {
            self.life = Life::Begun { at: now(), authenticated: false };
        }
        self.data.as_mut()
    }

    /// Adds to an integer. What handles see is what would be stored: the base with the sum of all additions, clamped.
    pub(crate) fn add(&mut self, now: impl FnOnce() -> Timestamp, index: usize, delta: i64) {
        let base = self.live.as_ref().filter(|_| self.life == Life::Live).map(|live| live.base.clone());
        let earlier = self.changes.addition(index);
        let field = &T::FIELDS[index];
        let add = |data: &mut T| match (base, earlier) {
            (Some(base), Some(earlier)) => {
                field.reset(data, &base);
                field.add(data, earlier.saturating_add(delta));
            }
            _ => field.add(data, delta),
        };
        self.edit(now, index, add, How::Added(delta), delta == 0);
    }

    /// Changes a field, if it has another value than `edit` would give it.
    pub(crate) fn edit(
        &mut self,
        now: impl FnOnce() -> Timestamp,
        index: usize,
        edit: impl FnOnce(&mut T),
        how: How,
        same: bool,
    ) {
        let rotates = T::FIELDS[index].rotates();
        if same {
            self.changes.privilege |= rotates && self.exists();
            return;
        }
        let Some(data) = self.editable(now) else { return };
        edit(Arc::make_mut(data));
        match how {
            How::Absolute => self.changes.replace(index),
            How::Merged => self.changes.merge(index),
            How::Added(delta) => self.changes.add(index, delta),
            How::Taken => self.changes.take(index),
        }
        self.changes.privilege |= rotates;
    }

    /// Brings in the fields in which `after` differs from `before`.
    pub(crate) fn merge(&mut self, now: impl FnOnce() -> Timestamp, before: &T, after: &T) -> Result<(), SessionError> {
        let differing = |index: &usize| T::FIELDS[*index].differs(before, after);
        let indices: Vec<usize> = (0..T::FIELDS.len()).filter(differing).collect();
        for index in &indices {
            T::FIELDS[*index].check(after)?;
        }
        if indices.is_empty() {
            return Ok(());
        }
        let Some(data) = self.editable(now) else { return Ok(()) };
        let mut merged = T::clone(data);
        for index in &indices {
            let field = &T::FIELDS[*index];
            let delta = field.difference(before, after).unwrap_or_default();
            let edit = crate::data::FieldEdit { absolute: false, delta };
            let merge = field.merge(&mut merged, before, after, edit);
            merge.map_err(|Refused| SessionError::Conflict(field.name().to_owned()))?;
        }
        *data = Arc::new(merged);
        for index in indices {
            let field = &T::FIELDS[index];
            match field.difference(before, after) {
                Some(delta) => self.changes.add(index, delta),
                None => self.changes.merge(index),
            }
            self.changes.privilege |= field.rotates();
        }
        Ok(())
    }
}

/// How a field is edited.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// To a value that replaces what is stored.
    Absolute,
    /// To a value that is merged as the field's kind says.
    Merged,
    /// By addition.
    Added(i64),
    /// By taking a flash.
    Taken,
}
