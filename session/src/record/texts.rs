//! Stored fields, in whichever form they came.

use std::borrow::Cow;

use super::packed::Packed;
use super::{FieldText, Fields};

/// The texts of stored fields.
#[derive(Clone, Copy)]
pub(crate) enum Texts<'t> {
    Fields(&'t Fields),
    Packed(&'t Packed),
}

impl<'t> Texts<'t> {
    /// Returns a field as one JSON text.
    pub(crate) fn get(self, name: &str) -> Option<Cow<'t, str>> {
        match self {
            Self::Fields(fields) => fields.get(name).map(FieldText::json),
            Self::Packed(packed) => packed.get(name).map(Cow::Borrowed),
        }
    }

    /// Returns how many fields there are.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Fields(fields) => fields.len(),
            Self::Packed(packed) => packed.len(),
        }
    }

    /// Returns the fields whose names are not known.
    pub(crate) fn without(self, is_known: impl Fn(&str) -> bool) -> Fields {
        let is_unknown = |name: &str| !is_known(name);
        match self {
            Self::Fields(fields) => {
                let unknown = fields.iter().filter(|(name, _)| is_unknown(name));
                unknown.map(|(name, text)| (name.clone(), text.clone())).collect()
            }
            Self::Packed(packed) => {
                let unknown = packed.iter().filter(|(name, _)| is_unknown(name));
                unknown.map(|(name, json)| (name.to_owned(), FieldText::Json(json.to_owned()))).collect()
            }
        }
    }

    /// Returns the length of the fields' names and texts, in bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Fields(fields) => fields.iter().map(|(name, text)| name.len() + text.len()).sum(),
            Self::Packed(packed) => packed.size(),
        }
    }
}
