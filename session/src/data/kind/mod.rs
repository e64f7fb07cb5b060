//! The merge kinds: what two writers of the same field mean.

mod add;
mod codec;
mod entries;
mod flash;
mod key;
mod members;
mod part;
mod replace;

use std::any::Any;

pub use self::add::Add;
pub use self::codec::{Codec, Json, With};
pub use self::entries::{Entries, EntryMap};
pub use self::flash::Flash;
use self::key::key_text;
pub use self::members::{MemberSet, Members};
pub use self::part::Part;
pub use self::replace::{Reject, Replace};

use super::field::{FieldEdit, Refused};
use crate::record::{FieldPatch, FieldText};

/// How a field of type `F` is stored, compared, and what two writers of it mean.
#[diagnostic::on_unimplemented(
    message = "a `flash` needs an `Option`, not `{F}`",
    label = "this type has no `None` to become once it is taken",
    note = "write `Option<{F}>`"
)]
pub trait Kind<F>: Send + Sync + 'static {
    /// Returns what `merge` says of the field, if it needs to know what is stored when it is written.
    fn merges(&self) -> Option<&'static str> {
        None
    }

    /// Returns the text of a value.
    fn encode(&self, value: &F) -> serde_json::Result<FieldText>;

    /// Returns the value of a text.
    fn decode(&self, json: &str) -> serde_json::Result<F>;

    /// Returns whether changes can be merged into a text that can be read.
    fn fits(&self, _json: &str) -> bool {
        true
    }

    /// Returns the length of a value's text, in bytes.
    fn size(&self, value: &F) -> usize;

    /// Returns whether a map has this entry, or a set this member, whatever the value.
    ///
    /// # Errors
    ///
    /// Fails if the key can not be stored.
    fn has_part(&self, _field: &F, _key: &dyn Any, _value: &dyn Any) -> serde_json::Result<bool> {
        Ok(false)
    }

    /// Returns whether two values are the same.
    fn same(&self, left: &F, right: &F) -> bool;

    /// Returns an error if the value has keys that can not be stored.
    fn check(&self, _value: &F) -> serde_json::Result<()> {
        Ok(())
    }

    /// Adds to a value that merges by addition; others stay.
    fn add(&self, _value: &mut F, _delta: i64) {}

    /// Returns what was added from `base` to `now`, where the field merges by addition.
    fn difference(&self, _base: &F, _now: &F) -> Option<i64> {
        None
    }

    /// Brings the change from `base` to `now` into `stored`; `now` may be taken for it.
    fn merge(&self, stored: &mut F, base: &F, now: &mut F, edit: FieldEdit) -> Result<(), Refused>;

    /// Writes the change from `base` to `now` into `patch`.
    fn diff(
        &self,
        name: &'static str,
        base: &F,
        now: &F,
        edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()>;
}
