//! Edits of fields.

use std::sync::Arc;

use super::{Edits, Life};
use crate::clock::Timestamp;
use crate::data::{FieldEdit, Refused, SessionData};
use crate::error::SessionError;

impl<T: SessionData> Edits<T> {
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

    /// Adds to an integer. What handles see is what would be stored: the base with the sum of all
    /// additions, clamped.
    pub(crate) fn add(&mut self, now: impl FnOnce() -> Timestamp, index: usize, delta: i64) {
        let live = self.live.as_ref().filter(|_| self.life == Life::Live);
        let base = live.map(|live| live.writing.as_ref().unwrap_or(&live.base).clone());
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
            let edit = FieldEdit { absolute: false, delta };
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
