//! What the generated `UserMut` holds.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::data::{EntryMap, Lookup, MemberSet, SessionData};
use crate::error::SessionError;
use crate::session::Session;
use crate::state::{How, Peer, Snapshot, State};

type Get<T, F> = fn(&T) -> &F;
type GetMut<T, F> = fn(&mut T) -> &mut F;

/// The data of this request's session, to be edited field by field; `index` is that of `SessionData::FIELDS`.
pub struct Editor<'r, T: SessionData> {
    session: Session<'r, T>,
    /// The data that the handle began with.
    first: Arc<T>,
    /// The number of edits that the request had done by then.
    version: u32,
    /// What was borrowed since the last edit through this handle.
    borrowed: OnceLock<Snapshot<T>>,
}

impl<'r, T: SessionData> Editor<'r, T> {
    /// Returns the editor of a request's data, if there is some to edit.
    pub(crate) fn new(state: &'r State<T>, peer: &'r dyn Peer) -> Option<Self> {
        let (first, version) = state.editable_data()?;
        Some(Self { session: Session::new(state, peer), first, version, borrowed: OnceLock::new() })
    }

    fn state(&self) -> &'r State<T> {
        self.session.state()
    }

    /// Returns the data as it is now.
    pub fn data(&self) -> &T {
        let state = self.state();
        if state.version() == self.version {
            return &self.first;
        }
        state.borrow(self.borrowed.get_or_init(|| state.snapshot())).unwrap_or(&self.first)
    }

    /// Returns the session.
    pub fn session(&self) -> &Session<'r, T> {
        &self.session
    }

    /// Edits a copy of the data; the fields that differ are the changed ones.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    pub fn update<R>(&mut self, edit: impl FnOnce(&mut T) -> R) -> Result<R, SessionError> {
        let before = T::clone(self.data());
        let mut after = before.clone();
        let result = edit(&mut after);
        self.borrowed = OnceLock::new();
        let state = self.state();
        self.session.change(|edits| edits.merge(|| state.core.now(), &before, &after))?;
        Ok(result)
    }

    /// Sets a field, absolutely.
    pub fn set<F: 'static>(&mut self, index: usize, get_mut: GetMut<T, F>, value: F) {
        let same = T::FIELDS[index].holds(self.data(), &value);
        self.edit(index, How::Absolute, same, |data| *get_mut(data) = value);
    }

    /// Sets a map or set.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if it has keys that can not be stored.
    pub fn set_keyed<F: 'static>(&mut self, index: usize, get_mut: GetMut<T, F>, value: F) -> Result<(), SessionError> {
        let same = T::FIELDS[index].holds(self.data(), &value);
        let mut copy = T::clone(self.data());
        *get_mut(&mut copy) = value;
        T::FIELDS[index].check(&copy)?;
        self.edit(index, How::Merged, same, |data| std::mem::swap(get_mut(data), get_mut(&mut copy)));
        Ok(())
    }

    /// Adds to an integer.
    pub fn add(&mut self, index: usize, delta: i64) {
        self.borrowed = OnceLock::new();
        let state = self.state();
        self.session.change(|edits| edits.add(|| state.core.now(), index, delta));
    }

    /// Sets an entry of a map.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the key can not be stored.
    pub fn insert_entry<M: EntryMap>(
        &mut self,
        index: usize,
        get_mut: GetMut<T, M>,
        key: M::Key,
        value: M::Value,
    ) -> Result<(), SessionError> {
        let same = T::FIELDS[index].has_part(self.data(), &key, &value)?;
        self.edit(index, How::Merged, same, |data| get_mut(data).set_entry(key, value));
        Ok(())
    }

    /// Adds a member to a set.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the member can not be stored.
    pub fn insert_member<S: MemberSet>(
        &mut self,
        index: usize,
        get_mut: GetMut<T, S>,
        member: S::Member,
    ) -> Result<(), SessionError> {
        let same = T::FIELDS[index].has_part(self.data(), &member, &())?;
        self.edit(index, How::Merged, same, |data| get_mut(data).add_member(member));
        Ok(())
    }

    /// Removes an entry of a map or a member of a set.
    pub fn remove<M: Lookup<Q>, Q: ?Sized>(&mut self, index: usize, get: Get<T, M>, get_mut: GetMut<T, M>, key: &Q) {
        let same = !get(self.data()).holds(key);
        self.edit(index, How::Merged, same, |data| get_mut(data).discard(key));
    }

    /// Takes a flash.
    pub fn take<F>(&mut self, index: usize, get: Get<T, Option<F>>, get_mut: GetMut<T, Option<F>>) -> Option<F> {
        let same = get(self.data()).is_none();
        let mut taken = None;
        self.edit(index, How::Taken, same, |data| taken = get_mut(data).take());
        taken
    }

    fn edit(&mut self, index: usize, how: How, same: bool, edit: impl FnOnce(&mut T)) {
        // Nobody borrows from this handle now: what it kept for borrowers need not be copied.
        self.borrowed = OnceLock::new();
        let state = self.state();
        self.session.change(|edits| edits.edit(|| state.core.now(), index, edit, how, same));
    }
}

impl<T: SessionData> fmt::Debug for Editor<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(formatter)
    }
}
