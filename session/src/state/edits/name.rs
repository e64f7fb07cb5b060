//! Whose session it is, and what it is called.

use super::{Edits, Life};
use crate::data::SessionData;
use crate::token::{Handle, Identity, NoRandomness, Tag};

impl<T: SessionData> Edits<T> {
    /// Returns the name of the session that the storage has, and the text of its identifier.
    pub(in crate::state) fn name(&self) -> Option<(Handle, Option<String>)> {
        self.live.as_ref().map(|live| (live.meta.handle, live.base.identity()))
    }

    /// Returns the text of the identifier of a session; without a name, of the one that there is, or was.
    pub(in crate::state) fn identifier(&self, handle: Option<Handle>) -> Option<String> {
        if let Some((_, identifier)) = self.name().filter(|(stored, _)| Some(*stored) == handle) {
            return identifier;
        }
        self.data.as_ref().filter(|_| self.life != Life::Absent)?.identity()
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
}
