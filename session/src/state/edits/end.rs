//! How a session ends.

use super::{Edits, Life, Other};
use crate::data::SessionData;
use crate::state::changes::Changes;
use crate::token::{Handle, Identity, Key};

impl<T: SessionData> Edits<T> {
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
    pub(in crate::state) fn ending(&self) -> Option<(Key, Option<Handle>)> {
        Some((self.ending?, self.live.as_ref().map(|live| live.meta.handle)))
    }

    /// Takes note that the storage is asked to end the session. Returns whether it was before, and may have ended it.
    pub(in crate::state) fn ask_for_end(&mut self) -> bool {
        std::mem::replace(&mut self.end_asked, true)
    }

    /// Takes note that the session to end is ended, or will be; `found` says whether it might have lived.
    ///
    /// Who finds it ended removes no cookie: the browser may have a newer one.
    pub(in crate::state) fn end_done(&mut self, found: bool) {
        self.ending = None;
        self.end_asked = false;
        self.removal &= found;
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
}
