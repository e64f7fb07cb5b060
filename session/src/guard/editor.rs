//! What the generated `UserMut` holds.

use std::marker::PhantomData;

use crate::data::{EntryMap, Integer, Lookup, MemberSet, SessionData};
use crate::error::SessionError;
use crate::session::Session;

type Get<T, F> = fn(&T) -> &F;
type GetMut<T, F> = fn(&mut T) -> &mut F;

/// The data of this request's session, to be edited field by field; `index` is that of `SessionData::FIELDS`.
pub struct Editor<'r, T: SessionData>(PhantomData<&'r T>);

impl<'r, T: SessionData> Editor<'r, T> {
    /// Returns the data as it is now.
    pub fn data(&self) -> &T {
        todo!()
    }

    /// Returns the session.
    pub fn session(&self) -> &Session<'r, T> {
        todo!()
    }

    /// Edits a copy of the data; the fields that differ are the changed ones.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if a changed map or set has keys that can not be stored.
    pub fn update<R>(&mut self, _edit: impl FnOnce(&mut T) -> R) -> Result<R, SessionError> {
        todo!()
    }

    /// Sets a field, absolutely.
    pub fn set<F: PartialEq>(&mut self, _index: usize, _get: Get<T, F>, _get_mut: GetMut<T, F>, _value: F) {
        todo!()
    }

    /// Sets a map or set.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if it has keys that can not be stored.
    pub fn set_keyed<F: PartialEq>(
        &mut self,
        _index: usize,
        _get: Get<T, F>,
        _get_mut: GetMut<T, F>,
        _value: F,
    ) -> Result<(), SessionError> {
        todo!()
    }

    /// Adds to an integer.
    pub fn add<F: Integer>(&mut self, _index: usize, _get: Get<T, F>, _get_mut: GetMut<T, F>, _delta: i64) {
        todo!()
    }

    /// Sets an entry of a map.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the key can not be stored.
    pub fn insert_entry<M: EntryMap>(
        &mut self,
        _index: usize,
        _get: Get<T, M>,
        _get_mut: GetMut<T, M>,
        _key: M::Key,
        _value: M::Value,
    ) -> Result<(), SessionError> {
        todo!()
    }

    /// Adds a member to a set.
    ///
    /// # Errors
    ///
    /// Fails, and changes nothing, if the member can not be stored.
    pub fn insert_member<S: MemberSet>(
        &mut self,
        _index: usize,
        _get: Get<T, S>,
        _get_mut: GetMut<T, S>,
        _member: S::Member,
    ) -> Result<(), SessionError> {
        todo!()
    }

    /// Removes an entry of a map or a member of a set.
    pub fn remove<M: Lookup<Q>, Q: ?Sized>(
        &mut self,
        _index: usize,
        _get: Get<T, M>,
        _get_mut: GetMut<T, M>,
        _key: &Q,
    ) {
        todo!()
    }

    /// Takes a flash.
    pub fn take<F>(&mut self, _index: usize, _get: Get<T, Option<F>>, _get_mut: GetMut<T, Option<F>>) -> Option<F> {
        todo!()
    }
}
