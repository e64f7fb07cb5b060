//! One field of a session: how it is reached, stored, compared and merged.

use std::any::Any;
use std::borrow::Cow;

use serde_json::Value;

use super::SessionData;
use super::decode::Found;
use super::kind::Kind;
use crate::error::EncodeError;
use crate::record::{FieldPatch, FieldText, Texts};

/// What becomes of a stored value that its field can not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// The field takes its default; without one, the session is not read.
    Default,
    /// The session is not read.
    End,
}

/// What an edit has said of a field beside its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldEdit {
    /// The value replaces what is stored, whatever the field's merge kind.
    pub absolute: bool,
    /// What was added, for fields that merge by addition.
    pub delta: i64,
}

/// A refused merge: the stored value is not the one that was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Returns the indices of fields that are given as bits.
pub(crate) fn indices(mut fields: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let rest = fields.checked_sub(1)?;
        let first = fields.trailing_zeros() as usize;
        fields &= rest;
        Some(first)
    })
}

/// A field of `T`, with its type forgotten.
pub struct Field<T: 'static>(&'static dyn FieldOps<T>);

impl<T> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Field<T> {}

impl<T> Field<T> {
    #[doc(hidden)]
    pub const fn new(ops: &'static dyn FieldOps<T>) -> Self {
        Self(ops)
    }
}

impl<T> std::ops::Deref for Field<T> {
    type Target = dyn FieldOps<T>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

/// What can be done with a field of `T` without knowing its type.
pub trait FieldOps<T>: Send + Sync {
    /// Returns the name under which the field is stored.
    fn name(&self) -> &'static str;

    /// Returns the names under which the field is looked for if it is not stored under its own.
    fn aliases(&self) -> &'static [&'static str];

    /// Returns whether setting the field rotates the session's token.
    fn rotates(&self) -> bool;

    /// Returns what `merge` says of the field, if it needs to know what is stored when it is written.
    fn merges(&self) -> Option<&'static str>;

    /// Returns the field's text.
    fn encode(&self, data: &T) -> Result<FieldText, EncodeError>;

    /// Gives the field the value of its own text, without its alias, migration or default. Returns whether it is one as
    /// this struct stores it.
    fn read(&self, data: &mut T, json: &str) -> bool;

    /// Returns the length of the field's text, in bytes.
    fn size(&self, data: &T) -> usize;

    /// Returns an error if the field's keys can not be stored.
    fn check(&self, data: &T) -> Result<(), EncodeError>;

    /// Returns whether the field, a map or a set, has this entry or member; keys and values are of its types.
    fn has_part(&self, data: &T, key: &dyn Any, value: &dyn Any) -> Result<bool, EncodeError>;

    /// Returns whether the field has different values in `left` and `right`.
    fn differs(&self, left: &T, right: &T) -> bool;

    /// Returns whether the field has this value, which is of its type.
    fn holds(&self, data: &T, value: &dyn Any) -> bool;

    /// Adds to a field that merges by addition.
    fn add(&self, data: &mut T, delta: i64);

    /// Gives the field the value that it has in `base`.
    fn reset(&self, data: &mut T, base: &T);

    /// Returns the difference of a field that merges by addition.
    fn difference(&self, base: &T, now: &T) -> Option<i64>;

    /// Brings the change from `base` to `now` into `stored`.
    fn merge(&self, stored: &mut T, base: &T, now: &T, edit: FieldEdit) -> Result<(), Refused>;

    /// Writes the change from `base` to `now` into `patch`.
    fn diff(&self, base: &T, now: &T, edit: FieldEdit, patch: &mut FieldPatch) -> Result<(), EncodeError>;
}

/// A field of type `F` in a struct `T`, stored and merged as its kind says.
pub struct FieldOf<T, F: 'static> {
    name: &'static str,
    kind: &'static dyn Kind<F>,
    get: fn(&T) -> &F,
    get_mut: fn(&mut T) -> &mut F,
    aliases: &'static [&'static str],
    rotates: bool,
    default: fn() -> Option<F>,
    migrate: Option<fn(Value) -> Option<F>>,
    undecodable: Undecodable,
}

impl<T, F> FieldOf<T, F> {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        kind: &'static dyn Kind<F>,
        get: fn(&T) -> &F,
        get_mut: fn(&mut T) -> &mut F,
        default: fn() -> Option<F>,
    ) -> Self {
        Self {
            name,
            kind,
            get,
            get_mut,
            aliases: &[],
            rotates: false,
            default,
            migrate: None,
            undecodable: Undecodable::Default,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn rotating(mut self) -> Self {
        self.rotates = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn migrating(mut self, migrate: fn(Value) -> Option<F>) -> Self {
        self.migrate = Some(migrate);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn undecodable(mut self, undecodable: Undecodable) -> Self {
        self.undecodable = undecodable;
        self
    }
}

impl<T, F> FieldOf<T, F> {
    /// Reads the field from the stored texts.
    pub(super) fn find(&self, texts: Texts<'_>) -> Found<F> {
        let Some((name, json)) = self.stored(texts) else { return self.fallback(None, false) };
        let own = name == self.name;
        match self.kind.decode(&json) {
            Ok(value) if own && self.kind.fits(&json) => Found::Own(value),
            Ok(value) => foreign(value, None, own),
            Err(error) => match self.migrated(&json) {
                Some(value) => foreign(value, None, own),
                None => self.fallback(Some(misfit(&error).to_owned()), own),
            },
        }
    }

    fn stored<'f>(&self, texts: Texts<'f>) -> Option<(&'static str, Cow<'f, str>)> {
        std::iter::once(&self.name).chain(self.aliases).find_map(|name| Some((*name, texts.get(name)?)))
    }

    fn migrated(&self, json: &str) -> Option<F> {
        let migrate = self.migrate?;
        migrate(serde_json::from_str(json).ok()?)
    }

    fn fallback(&self, reason: Option<String>, stored: bool) -> Found<F> {
        if reason.is_some() && self.undecodable == Undecodable::End {
            return Found::Nothing { reason };
        }
        match (self.default)() {
            Some(value) => foreign(value, reason, stored),
            None => Found::Nothing { reason },
        }
    }
}

impl<T: SessionData, F> FieldOps<T> for FieldOf<T, F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn rotates(&self) -> bool {
        self.rotates
    }

    fn merges(&self) -> Option<&'static str> {
        self.kind.merges()
    }

    fn encode(&self, data: &T) -> Result<FieldText, EncodeError> {
        self.kind.encode((self.get)(data)).map_err(|source| EncodeError::new(self.name, source))
    }

    fn read(&self, data: &mut T, json: &str) -> bool {
        let value = self.kind.decode(json).ok().filter(|_| self.kind.fits(json));
        value.map(|value| *(self.get_mut)(data) = value).is_some()
    }

    fn size(&self, data: &T) -> usize {
        self.name.len() + self.kind.size((self.get)(data))
    }

    fn check(&self, data: &T) -> Result<(), EncodeError> {
        self.kind.check((self.get)(data)).map_err(|source| EncodeError::new(self.name, source))
    }

    fn has_part(&self, data: &T, key: &dyn Any, value: &dyn Any) -> Result<bool, EncodeError> {
        self.kind.has_part((self.get)(data), key, value).map_err(|source| EncodeError::new(self.name, source))
    }

    fn differs(&self, left: &T, right: &T) -> bool {
        !self.kind.same((self.get)(left), (self.get)(right))
    }

    fn holds(&self, data: &T, value: &dyn Any) -> bool {
        value.downcast_ref().is_some_and(|value| self.kind.same((self.get)(data), value))
    }

    fn add(&self, data: &mut T, delta: i64) {
        self.kind.add((self.get_mut)(data), delta);
    }

    fn reset(&self, data: &mut T, base: &T) {
        let mut base = base.clone();
        std::mem::swap((self.get_mut)(data), (self.get_mut)(&mut base));
    }

    fn difference(&self, base: &T, now: &T) -> Option<i64> {
        self.kind.difference((self.get)(base), (self.get)(now))
    }

    fn merge(&self, stored: &mut T, base: &T, now: &T, edit: FieldEdit) -> Result<(), Refused> {
        let mut now = now.clone();
        self.kind.merge((self.get_mut)(stored), (self.get)(base), (self.get_mut)(&mut now), edit)
    }

    fn diff(&self, base: &T, now: &T, edit: FieldEdit, patch: &mut FieldPatch) -> Result<(), EncodeError> {
        self.kind
            .diff(self.name, (self.get)(base), (self.get)(now), edit, patch)
            .map_err(|source| EncodeError::new(self.name, source))
    }
}

fn foreign<F>(value: F, reason: Option<String>, stored: bool) -> Found<F> {
    if stored { Found::Misfit { value, reason } } else { Found::Missing { value, reason } }
}

/// Says what is wrong with a text without quoting it: it may be secret.
fn misfit(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => "the stored value does not fit the field's type",
        serde_json::error::Category::Syntax => "the stored text is no JSON",
        serde_json::error::Category::Eof | serde_json::error::Category::Io => "the stored text ends early",
    }
}
