//! Reading a struct from its stored fields.

use std::marker::PhantomData;

use super::SessionData;
use super::field::{FieldOf, FieldOps};
use crate::record::{Fields, Texts};

/// What was found of a field.
pub(super) enum Found<F> {
    /// The field as this struct stores it.
    Own(F),
    /// A value whose field is not stored: from an alias, or the default.
    Missing { value: F, reason: Option<String> },
    /// A value whose field is stored in another form: migrated, or the default for what could not be read.
    Misfit { value: F, reason: Option<String> },
    /// No value at all.
    Nothing { reason: Option<String> },
}

/// The fields that are not stored as a struct stores them, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Those that are not stored: the storage must be told of their values before it can merge changes into them.
    pub(crate) missing: u128,
    /// Those that are stored in another form, into which no change can be merged: the first one replaces it.
    pub(crate) misfit: u128,
}

impl Foreign {
    /// Returns whether every field is stored as the struct stores it.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Returns these fields without some that were written.
    #[must_use]
    pub(crate) fn without(self, written: u128) -> Self {
        Self { missing: self.missing & !written, misfit: self.misfit & !written }
    }
}

/// A field whose stored value could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) field: &'static str,
    pub(crate) reason: String,
}

/// Hands the stored fields to a struct, one after the other, in the order of `SessionData::FIELDS`.
pub struct Decoder<'f, T> {
    texts: Texts<'f>,
    next: u32,
    foreign: Foreign,
    /// How many of the texts are of the struct's fields, under their own names.
    own: usize,
    unread: Vec<Unread>,
    data: PhantomData<fn() -> T>,
}

impl<'f, T: SessionData> Decoder<'f, T> {
    pub(crate) fn new(texts: Texts<'f>) -> Self {
        Self { texts, next: 0, foreign: Foreign::default(), own: 0, unread: Vec::new(), data: PhantomData }
    }

    /// Reads the next field. [`None`] means that the session can not be read.
    #[doc(hidden)]
    pub fn next<F>(&mut self, field: &FieldOf<T, F>) -> Option<F> {
        let bit = 1_u128 << self.next;
        self.next += 1;
        let (value, reason) = match field.find(self.texts) {
            Found::Own(value) => {
                self.own += 1;
                (Some(value), None)
            }
            Found::Missing { value, reason } => {
                self.foreign.missing |= bit;
                (Some(value), reason)
            }
            Found::Misfit { value, reason } => {
                self.foreign.misfit |= bit;
                (Some(value), reason)
            }
            Found::Nothing { reason } => {
                (None, Some(reason.unwrap_or_else(|| "it is missing and has no default".into())))
            }
        };
        self.unread.extend(reason.map(|reason| Unread { field: field.name(), reason }));
        value
    }

    /// Returns the fields that are not stored as this struct stores them.
    pub(crate) fn foreign(&self) -> Foreign {
        self.foreign
    }

    /// Returns the fields that could not be read.
    pub(crate) fn take_unread(&mut self) -> Vec<Unread> {
        std::mem::take(&mut self.unread)
    }

    /// Returns the stored fields that this struct does not have.
    pub(crate) fn unknown(&self) -> Fields {
        if self.own == self.texts.len() {
            return Fields::new();
        }
        self.texts.without(|name| T::FIELDS.iter().any(|field| field.name() == name || field.aliases().contains(&name)))
    }
}
