//! Integers whose concurrent additions all count.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Kind;
use super::codec::json_size;
use crate::data::field::{FieldEdit, Refused};
use crate::record::{Addition, FieldPatch, FieldText};

/// Concurrent additions all count; clamped to the type's range and to that of `i64`.
#[derive(Debug, Clone, Copy)]
pub struct Add;

/// An integer of at most 64 bits.
#[diagnostic::on_unimplemented(
    message = "`merge = add` needs an integer of at most 64 bits, not `{Self}`",
    label = "concurrent additions to this type can not be merged",
    note = "use `i8` to `i64`, `u8` to `u64`, `isize` or `usize`, or leave `merge` away"
)]
pub trait Integer: Copy + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The least value, within `i64`.
    const MIN: i64;
    /// The greatest value, within `i64`.
    const MAX: i64;

    /// Returns the value, clamped to `i64`.
    fn to_i64(self) -> i64;

    /// Returns the value, clamped to the type.
    fn from_i64(value: i64) -> Self;

    /// Returns the sum, clamped to the type and to `i64`.
    #[must_use]
    fn plus(self, delta: i64) -> Self {
        Self::from_i64(self.to_i64().saturating_add(delta).clamp(Self::MIN, Self::MAX))
    }
}

macro_rules! integers {
    ($($integer:ty)*) => { $(
        impl Integer for $integer {
            #[allow(clippy::cast_possible_wrap, clippy::cast_lossless, clippy::cast_possible_truncation, reason = "bounded by the comparison")]
            const MIN: i64 = if <$integer>::MIN as i128 > i64::MIN as i128 { <$integer>::MIN as i64 } else { i64::MIN };
            #[allow(clippy::cast_possible_wrap, clippy::cast_lossless, clippy::cast_possible_truncation, reason = "bounded by the comparison")]
            const MAX: i64 = if (<$integer>::MAX as i128) < i64::MAX as i128 { <$integer>::MAX as i64 } else { i64::MAX };

            fn to_i64(self) -> i64 {
                i64::try_from(self).unwrap_or(i64::MAX)
            }

            fn from_i64(value: i64) -> Self {
                Self::try_from(value).unwrap_or(if value < 0 { Self::MIN } else { Self::MAX })
            }
        }
    )* };
}

integers! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

impl<F: Integer> Kind<F> for Add {
    fn merges(&self) -> Option<&'static str> {
        Some("add")
    }

    fn encode(&self, value: &F) -> serde_json::Result<FieldText> {
        Ok(FieldText::Json(value.to_i64().to_string()))
    }

    fn decode(&self, json: &str) -> serde_json::Result<F> {
        serde_json::from_str(json)
    }

    fn size(&self, value: &F) -> usize {
        json_size(value)
    }

    fn difference(&self, base: &F, now: &F) -> Option<i64> {
        Some(now.to_i64().saturating_sub(base.to_i64()))
    }

    fn add(&self, value: &mut F, delta: i64) {
        *value = value.plus(delta);
    }

    fn same(&self, left: &F, right: &F) -> bool {
        left == right
    }

    fn merge(&self, stored: &mut F, _base: &F, now: &mut F, edit: FieldEdit) -> Result<(), Refused> {
        *stored = if edit.absolute { F::from_i64(now.to_i64()) } else { stored.plus(edit.delta) };
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        _base: &F,
        now: &F,
        edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        if edit.absolute {
            patch.set.insert(name.into(), self.encode(now)?);
        } else {
            patch.add.insert(name.into(), Addition { delta: edit.delta, min: F::MIN, max: F::MAX });
        }
        Ok(())
    }
}
