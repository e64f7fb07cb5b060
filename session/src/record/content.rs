//! The fields of a record, as texts or as a value.

use std::sync::{Arc, OnceLock};

#[cfg(feature = "redis")]
use super::FieldText;
use super::Fields;
use super::packed::Packed;
use super::texts::Texts;
use super::value::Value;
use crate::error::EncodeError;

/// The fields in the form that they came in, and in the others once these were asked for.
#[derive(Clone)]
pub(super) enum Content {
    Fields { fields: Arc<Fields>, value: OnceLock<Box<Value>> },
    Packed { packed: Arc<Packed>, fields: OnceLock<Arc<Fields>>, value: OnceLock<Box<Value>> },
    Value { value: Value, fields: OnceLock<Arc<Fields>> },
}

impl Content {
    pub(super) fn of_fields(fields: Fields) -> Self {
        Self::Fields { fields: Arc::new(fields), value: OnceLock::new() }
    }

    pub(super) fn of_packed(packed: Packed) -> Self {
        Self::Packed { packed: Arc::new(packed), fields: OnceLock::new(), value: OnceLock::new() }
    }

    pub(super) fn of_value(value: Value) -> Self {
        Self::Value { value, fields: OnceLock::new() }
    }

    pub(super) fn fields(&self) -> Result<&Arc<Fields>, EncodeError> {
        match self {
            Self::Fields { fields, .. } => Ok(fields),
            Self::Packed { packed, fields, .. } => Ok(fields.get_or_init(|| Arc::new(packed.fields()))),
            Self::Value { value, fields } => {
                if let Some(fields) = fields.get() {
                    return Ok(fields);
                }
                let made = Arc::new(value.fields()?);
                Ok(fields.get_or_init(|| made))
            }
        }
    }

    /// Returns the fields as texts, without making them anew from other texts.
    pub(super) fn texts(&self) -> Result<Texts<'_>, EncodeError> {
        match self {
            Self::Packed { packed, .. } => Ok(Texts::Packed(packed)),
            Self::Fields { .. } | Self::Value { .. } => self.fields().map(|fields| Texts::Fields(fields)),
        }
    }

    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Fields { value, .. } | Self::Packed { value, .. } => value.get().map(|value| &**value),
            Self::Value { value, .. } => Some(value),
        }
    }

    /// Keeps the value of texts. What already holds another type's value keeps that.
    pub(super) fn keep(&self, own: Value) {
        if let Self::Fields { value, .. } | Self::Packed { value, .. } = self {
            let _ = value.set(Box::new(own));
        }
    }

    /// Returns the fields where these texts replace those of some, and what is read then; nothing unless the fields were
    /// read before, and only those need be read.
    #[cfg(feature = "redis")]
    pub(super) fn with_texts(&self, texts: &[(&str, &str)]) -> Option<Self> {
        match self {
            Self::Packed { packed, value, .. } => {
                let packed = Arc::new(packed.with_texts(texts)?);
                let value = value.get()?.with_texts(texts, packed.size())?;
                Some(Self::Packed { packed, fields: OnceLock::new(), value: OnceLock::from(Box::new(value)) })
            }
            Self::Fields { fields, value } => {
                let fields = Arc::new(replaced(fields, texts)?);
                let value = value.get()?.with_texts(texts, Texts::Fields(&fields).size())?;
                Some(Self::Fields { fields, value: OnceLock::from(Box::new(value)) })
            }
            Self::Value { .. } => None,
        }
    }

    /// Returns the length of the fields' names and texts, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Fields { fields, .. } => Texts::Fields(fields).size(),
            Self::Packed { packed, .. } => Texts::Packed(packed).size(),
            Self::Value { value, .. } => value.size(),
        }
    }
}

/// Returns the fields where these texts replace those of some; nothing unless each of them is there, and no entries.
#[cfg(feature = "redis")]
fn replaced(fields: &Fields, texts: &[(&str, &str)]) -> Option<Fields> {
    let mut replaced = fields.clone();
    for (name, json) in texts {
        match replaced.get_mut(*name)? {
            FieldText::Json(text) => (*json).clone_into(text),
            FieldText::Entries(_) => return None,
        }
    }
    Some(replaced)
}
