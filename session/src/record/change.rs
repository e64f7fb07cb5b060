//! The change of a typed value, as one request made it.

use std::sync::Arc;

use super::FieldPatch;
use super::patch::PatchError;
use super::value::Value;
use crate::data::{Field, FieldEdit, Foreign, SessionData, indices};
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
    /// How many bytes more the changed fields take than as loaded.
    pub(crate) growth: isize,
}

/// Returns how many bytes more some fields, given as bits, take in `after` than in `before`.
pub(crate) fn growth<T: SessionData>(fields: u128, before: &T, after: &T) -> isize {
    let growth = |field: &Field<T>| field.size(after).wrapping_sub(field.size(before)).cast_signed();
    indices(fields).map(|index| growth(&T::FIELDS[index])).sum()
}

/// A change with its type forgotten.
pub(super) trait AnyChange: Send + Sync {
    /// Returns the change as texts.
    fn diff(&self) -> Result<FieldPatch, EncodeError>;

    /// Returns the stored value with the change brought in, or [`None`] if it is of another type.
    fn merge(&self, stored: &Value) -> Option<Result<Value, PatchError>>;
}

impl<T: SessionData> Change<T> {
    /// Returns the change between two values, merged as the fields' kinds say, or nothing if they are alike.
    pub(crate) fn between(base: Arc<T>, now: Arc<T>, foreign: Foreign) -> Result<Option<Self>, EncodeError> {
        let mut change = Self { base, now, changed: 0, absolute: 0, foreign, additions: Vec::new(), growth: 0 };
        for (index, field) in T::FIELDS.iter().enumerate() {
            if field.differs(&change.base, &change.now) {
                field.check(&change.now)?;
                change.changed |= 1 << index;
                change.additions.extend(field.difference(&change.base, &change.now).map(|delta| (index, delta)));
            }
        }
        change.growth = growth(change.changed, &*change.base, &*change.now);
        Ok((change.changed != 0).then_some(change))
    }

    /// Returns whether a field is changed that rotates the token.
    pub(crate) fn rotates(&self) -> bool {
        self.fields().any(|(_, field)| field.rotates())
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &'static Field<T>)> {
        indices(self.changed).map(|index| (index, &T::FIELDS[index]))
    }

    fn edit(&self, index: usize) -> FieldEdit {
        let delta = self.additions.iter().find(|(of, _)| *of == index).map_or(0, |(_, delta)| *delta);
        FieldEdit { absolute: self.absolute & (1 << index) != 0, delta }
    }

    /// Returns a stored value with the change brought in, and how many bytes more its fields take then.
    fn merged(&self, stored: &T) -> Result<(Arc<T>, isize), PatchError> {
        if std::ptr::eq(stored, Arc::as_ptr(&self.base)) {
            return Ok((self.now.clone(), self.growth));
        }
        let mut value = T::clone(stored);
        for (index, field) in self.fields() {
            let merged = field.merge(&mut value, &self.base, &self.now, self.edit(index));
            merged.map_err(|_| PatchError::Conflict(field.name().to_owned()))?;
        }
        let growth = growth(self.changed, stored, &value);
        Ok((Arc::new(value), growth))
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

    fn merge(&self, stored: &Value) -> Option<Result<Value, PatchError>> {
        let value = stored.downcast::<T>()?;
        Some(self.merged(value).map(|(value, growth)| {
            let size = stored.known_size().map(|size| size.saturating_add_signed(growth));
            let otherwise = stored.stored.as_ref().map(|stored| Arc::new(stored.without(self.changed)));
            Value::new(value, otherwise, size)
        }))
    }
}
