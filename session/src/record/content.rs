//! The fields of a record, as texts or as a value.

use std::sync::{Arc, OnceLock};

use super::Fields;
use super::value::Value;
use crate::error::EncodeError;

/// The fields in the form that they came in, and in the other once it was asked for.
#[derive(Clone)]
pub(super) enum Content {
    Texts { fields: Arc<Fields>, value: OnceLock<Box<Value>> },
    Value { value: Value, fields: OnceLock<Arc<Fields>> },
}

impl Content {
    pub(super) fn of_texts(fields: Fields) -> Self {
        Self::Texts { fields: Arc::new(fields), value: OnceLock::new() }
    }

    pub(super) fn of_value(value: Value) -> Self {
        Self::Value { value, fields: OnceLock::new() }
    }

    pub(super) fn fields(&self) -> Result<&Arc<Fields>, EncodeError> {
        match self {
            Self::Texts { fields, .. } => Ok(fields),
            Self::Value { value, fields } => {
                if let Some(fields) = fields.get() {
                    return Ok(fields);
                }
                let made = Arc::new(value.fields()?);
                Ok(fields.get_or_init(|| made))
            }
        }
    }

    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Texts { value, .. } => value.get().map(|value| &**value),
            Self::Value { value, .. } => Some(value),
        }
    }

    /// Keeps the value of texts. What already holds another type's value keeps that.
    pub(super) fn keep(&self, own: Value) {
        if let Self::Texts { value, .. } = self {
            let _ = value.set(Box::new(own));
        }
    }

    /// Returns the length of the fields' names and texts, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Texts { fields, .. } => fields.iter().map(|(name, text)| name.len() + text.len()).sum(),
            Self::Value { value, .. } => value.size(),
        }
    }
}
