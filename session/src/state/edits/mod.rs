//! What a request knows of its session, and what it has done to it.

mod end;
mod field;
mod known;
mod life;
mod name;
mod times;

use std::sync::Arc;

pub(crate) use self::field::How;

use super::changes::Changes;
use super::write::Delivery;
use crate::clock::Timestamp;
use crate::data::{Foreign, SessionData};
use crate::error::SessionError;
use crate::record::Meta;
use crate::storage::Via;
use crate::token::{Handle, Key};

/// The session that the storage had when this request last spoke to it.
pub(super) struct Live<T> {
    pub(super) key: Key,
    pub(super) via: Via,
    /// When this was last known to be its key; never, of one in grace. That a change was applied does not tell: it may be in
    /// grace by then.
    pub(super) at: Timestamp,
    pub(super) meta: Meta,
    pub(super) base: Arc<T>,
    /// What is being written, from which further edits start.
    pub(super) writing: Option<Arc<T>>,
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

/// A session to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) key: Key,
    /// Whether the storage was asked to, and may have ended it, though nobody waited for the answer.
    pub(super) asked: bool,
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
    /// The session to end, whatever comes of the request.
    pub(super) ending: Option<Ending>,
    /// The name of the session that is to begin.
    pub(super) drawn: Option<Handle>,
    /// Why nothing more is written in this request. Apart, because every request makes room for it and few need it.
    pub(super) closed: Option<Box<SessionError>>,
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

    /// Returns whether there is a session.
    pub(crate) fn exists(&self) -> bool {
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

    /// Returns the data, if it can be edited.
    pub(super) fn editable_data(&self) -> Option<Arc<T>> {
        self.data.clone().filter(|_| self.life != Life::Ended)
    }

    /// Returns whether something could not be written, and nothing more is.
    pub(crate) fn has_failed(&self) -> bool {
        self.closed.is_some()
    }

    /// Returns why something could not be written, unless it was all ended.
    pub(super) fn failure(&self) -> Option<SessionError> {
        self.closed.as_deref().filter(|_| self.life != Life::Ended).cloned()
    }

    /// Returns why something could not be written of which nobody was told.
    pub(crate) fn untold_failure(&self) -> Option<SessionError> {
        self.failure().filter(|_| self.abandoned)
    }

    /// Closes the request's session for writing; edits that were not written are dropped.
    pub(super) fn close(&mut self, why: SessionError) {
        self.changes = Changes::default();
        self.closed = Some(Box::new(why));
    }

    fn is_closed(&mut self) -> bool {
        self.ignored |= self.closed.is_some();
        self.closed.is_some()
    }
}
