//! A session as storages keep it: a record of fields, not a blob.

mod change;
mod content;
mod fields;
mod meta;
mod packed;
mod patch;
mod texts;
mod value;

pub(crate) use self::change::{Change, growth};
pub use self::fields::{FieldText, Fields};
pub use self::meta::{Client, Meta, MetaPatch, Seen};
pub(crate) use self::packed::Packed;
#[cfg(feature = "redis")]
pub(crate) use self::patch::same;
pub use self::patch::{Addition, FieldPatch, Patch, PatchError};
pub(crate) use self::texts::Texts;
pub(crate) use self::value::{Unreadable, View};

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use self::content::Content;
use self::value::Value;
use crate::data::SessionData;
use crate::error::EncodeError;
use crate::token::Identity;

/// A session: its fields by name, and what is known of it beside them.
///
/// A record holds its fields as texts or as the typed value and makes the other when asked, so a storage that hands
/// out the same `Arc<Record>` again costs no decoding, and one that keeps the typed value costs no encoding.
#[derive(Clone)]
pub struct Record {
    /// What is known of the session beside its data.
    pub meta: Meta,
    /// How many sessions of one identifier may live; creating or rotating one more evicts the one seen longest ago.
    /// It belongs to the operation, not to the session: storages apply it and do not keep it.
    pub max_per_user: Option<NonZeroU32>,
    content: Content,
}

impl Record {
    /// Returns a record of stored fields.
    pub fn new(meta: Meta, fields: Fields) -> Self {
        Self { meta, max_per_user: None, content: Content::of_fields(fields) }
    }

    pub(crate) fn of_packed(meta: Meta, fields: Packed) -> Self {
        Self { meta, max_per_user: None, content: Content::of_packed(fields) }
    }

    pub(crate) fn of<T: SessionData>(meta: Meta, value: Arc<T>) -> Self {
        Self::of_value(meta, Value::new(value, None, None))
    }

    fn of_value(meta: Meta, value: Value) -> Self {
        Self { meta, max_per_user: None, content: Content::of_value(value) }
    }

    /// Returns the same session with other metadata.
    #[must_use]
    pub fn with_meta(&self, meta: Meta) -> Self {
        Self { meta, max_per_user: self.max_per_user, content: self.content.clone() }
    }

    /// Returns the session with other metadata, and where these texts replace those of some fields; nothing unless it was
    /// read before, and only those fields need be read.
    #[cfg(feature = "redis")]
    pub(crate) fn with_texts(&self, meta: Meta, texts: &[(&str, &str)]) -> Option<Self> {
        Some(Self { meta, max_per_user: None, content: self.content.with_texts(texts)? })
    }

    /// Returns the fields as texts, by their stored names.
    ///
    /// # Errors
    ///
    /// Fails if a value refuses to be serialized.
    pub fn fields(&self) -> Result<&Arc<Fields>, EncodeError> {
        self.content.fields()
    }

    /// Returns the length of the fields' names and texts, in bytes.
    pub fn size(&self) -> usize {
        self.content.size()
    }

    /// Returns whether a value belongs to whom the record does. A field that says whose it is may have been renamed, and
    /// the value's be a default; nobody must get the session of number zero for that.
    fn is_of<T: SessionData>(&self, value: &T) -> bool {
        let tag = || value.identity().map(|identifier| Identity::new(T::NAME, &identifier).tag());
        !self.meta.identified || tag() == Some(self.meta.handle.tag())
    }

    /// Returns the fields as a `T`, or why they are none. Texts of more than `limit` bytes are not read.
    pub(crate) fn view<T: SessionData>(&self, limit: usize) -> Result<View<T>, Unreadable> {
        let known = self.content.value().and_then(Value::view::<T>);
        let size = known.as_ref().map_or_else(|| self.size(), |view| view.size);
        if size > limit {
            return Err(Unreadable::TooLarge { size, limit });
        }
        if let Some(view) = known {
            return Ok(view);
        }
        let texts = self.content.texts().map_err(Unreadable::Encode)?;
        let (value, view) = Value::decode::<T>(texts, size)?;
        if !self.is_of(&*view.value) {
            return Err(Unreadable::Misplaced);
        }
        // Defaults of what is not stored so, and what is told of it, are found out each time.
        if value.is_plain() {
            self.content.keep(value);
        }
        Ok(view)
    }
}

/// Without the fields, which may be secret.
impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Record").field("meta", &self.meta).finish_non_exhaustive()
    }
}
