//! The change of a typed value, as one request made it.

use std::sync::{Arc, OnceLock};

use super::FieldPatch;
use super::patch::PatchError;
use super::typed::{Stored, Typed, TypedData};
use crate::data::{Field, FieldEdit, Foreign, SessionData};
use crate::error::EncodeError;

/// The change of a value from what was loaded to what it is now.
#[derive(Clone)]
pub(crate) struct Change<T> {
    /// The value as loaded.
    pub(crate) base: Arc<T>,
    /// The value as it is now.
    pub(crate) now: Arc<T>,
    /// The changed fields, as bits.
    pub(crate) changed: u128,
    /// The fields that replace what is stored whatever their merge kind, as bits.
    pub(crate) absolute: u128,
    /// The fields that the storage does not have as this struct stores them.
    pub(crate) foreign: Foreign,
    /// What was added, by the field's index.
    pub(crate) additions: Vec<(usize, i64)>,
}

/// A change with its type forgotten.
pub(super) trait AnyChange: Send + Sync {
    /// Returns the change as texts.
    fn diff(&self) -> Result<FieldPatch, EncodeError>;

    /// Returns the stored value with the change brought in, or [`None`] if it is of another type.
    fn merge(&self, stored: &dyn TypedData) -> Option<Result<Arc<dyn TypedData>, PatchError>>;
}

impl<T: SessionData> Change<T> {
    /// Returns the change between two values, merged as the fields' kinds say, or nothing if they are alike.
    pub(crate) fn between(base: Arc<T>, now: Arc<T>, foreign: Foreign) -> Result<Option<Self>, EncodeError> {
        let mut change = Self { base, now, changed: 0, absolute: 0, foreign, additions: Vec::new() };
        for (index, field) in T::FIELDS.iter().enumerate() {
            if field.differs(&change.base, &change.now) {
                field.check(&change.now)?;
                change.changed |= 1 << index;
                change.additions.extend(field.difference(&change.base, &change.now).map(|delta| (index, delta)));
            }
        }
        Ok((change.changed != 0).then_some(change))
    }

    /// Returns whether a field is changed that rotates the token.
    pub(crate) fn rotates(&self) -> bool {
        self.fields().any(|(_, field)| field.rotates())
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &'static Field<T>)> {
        T::FIELDS.iter().enumerate().filter(|(index, _)| self.changed & (1 << index) != 0)
    }

    fn edit(&self, index: usize) -> FieldEdit {
        let delta = self.additions.iter().find(|(of, _)| *of == index).map_or(0, |(_, delta)| *delta);
        FieldEdit { absolute: self.absolute & (1 << index) != 0, delta }
    }

    /// Returns the size that a session of this size has with the change.
    pub(crate) fn size(&self, before: usize) -> usize {
        self.resized(u32::try_from(before).unwrap_or(u32::MAX), &self.base, &self.now) as usize
    }

    /// Returns the size of `after`, which differs from `before` in the changed fields at most.
    fn resized(&self, size: u32, before: &T, after: &T) -> u32 {
        self.fields().fold(size, |size, (_, field)| {
            let size = (size as usize + field.size(after)).saturating_sub(field.size(before));
            u32::try_from(size).unwrap_or(u32::MAX)
        })
    }

    fn merged(&self, stored: &Arc<T>) -> Result<Arc<T>, PatchError> {
        if Arc::ptr_eq(stored, &self.base) {
            return Ok(self.now.clone());
        }
        let mut value = T::clone(stored);
        for (index, field) in self.fields() {
            let merged = field.merge(&mut value, &self.base, &self.now, self.edit(index));
            merged.map_err(|_| PatchError::Conflict(field.name().to_owned()))?;
        }
        Ok(Arc::new(value))
    }
}

impl<T: SessionData> AnyChange for Change<T> {
    fn diff(&self) -> Result<FieldPatch, EncodeError> {
        let mut patch = FieldPatch::default();
        for (index, field) in self.fields() {
            if self.foreign.misfit & (1 << index) != 0 {
                patch.set.insert(field.name().to_owned(), field.encode(&self.now)?);
                continue;
            }
            if self.foreign.missing & (1 << index) != 0 {
                patch.init.insert(field.name().to_owned(), field.encode(&self.base)?);
            }
            field.diff(&self.base, &self.now, self.edit(index), &mut patch)?;
        }
        Ok(patch)
    }

    fn merge(&self, stored: &dyn TypedData) -> Option<Result<Arc<dyn TypedData>, PatchError>> {
        let typed = stored.downcast::<T>()?;
        Some(self.merged(&typed.value).map(|value| {
            let foreign = typed.stored.as_ref().map(|stored| {
                Arc::new(Stored { foreign: stored.foreign.without(self.changed), unknown: stored.unknown.clone() })
            });
            let size = typed.size.get().map(|size| OnceLock::from(self.resized(*size, &typed.value, &value)));
            Arc::new(Typed { value, stored: foreign, size: size.unwrap_or_default() }) as _
        }))
    }
}
