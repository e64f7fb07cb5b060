//! How a session ends.

use super::{Edits, Ending, Life, Other};
use crate::data::SessionData;
use crate::state::changes::Changes;
use crate::token::{Handle, Identity, Key};

impl<T: SessionData> Edits<T> {
    /// Ends the session. A moved one is ended by the key that it had, and one that can not be read all the same.
    pub(crate) fn end(&mut self) {
        let stored = self.live.as_ref().map(|live| live.key).or(self.other.map(Other::key));
        if let Some(key) = stored.filter(|_| self.life != Life::Ended) {
            self.must_end(key);
        }
        let ended = stored.is_some() || self.life != Life::Absent;
        self.finish(if ended { Life::Ended } else { Life::Absent });
    }

    /// Takes note that the session of a key has to end, and its cookie to go.
    pub(in crate::state) fn must_end(&mut self, key: Key) {
        let asked = self.ending.is_some_and(|ending| ending.key == key && ending.asked);
        self.ending = Some(Ending { key, asked });
        self.removal = true;
    }

    /// Returns the session to end, and its name.
    pub(in crate::state) fn ending(&self) -> Option<(Ending, Option<Handle>)> {
        Some((self.ending?, self.live.as_ref().map(|live| live.meta.handle)))
    }

    /// Takes note that the storage is asked to end the session.
    pub(in crate::state) fn ask_for_end(&mut self) {
        if let Some(ending) = &mut self.ending {
            ending.asked = true;
        }
    }

    /// Takes note that the session to end is ended, or will be; `found` says whether it might have lived.
    ///
    /// Who finds it ended removes no cookie: the browser may have a newer one.
    pub(in crate::state) fn end_done(&mut self, found: bool) {
        self.ending = None;
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
