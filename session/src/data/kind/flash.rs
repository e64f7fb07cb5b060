//! Fields that are read once.

use super::{Codec, Json, Kind};
use crate::data::field::{FieldEdit, Refused};
use crate::record::{FieldPatch, FieldText};

/// Read once, then gone. What is taken is removed only if it is still the value that was loaded.
#[derive(Debug, Clone, Copy)]
pub struct Flash<C = Json>(pub C);

impl<F: PartialEq, C: Codec<Option<F>>> Kind<Option<F>> for Flash<C> {
    fn encode(&self, value: &Option<F>) -> serde_json::Result<FieldText> {
        self.0.encode(value).map(FieldText::Json)
    }

    fn decode(&self, json: &str) -> serde_json::Result<Option<F>> {
        self.0.decode(json)
    }

    fn size(&self, value: &Option<F>) -> usize {
        self.0.size(value)
    }

    fn same(&self, left: &Option<F>, right: &Option<F>) -> bool {
        left == right
    }

    fn merge(
        &self,
        stored: &mut Option<F>,
        base: &Option<F>,
        now: &mut Option<F>,
        edit: FieldEdit,
    ) -> Result<(), Refused> {
        if now.is_some() || edit.absolute || stored == base {
            std::mem::swap(stored, now);
        }
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        base: &Option<F>,
        now: &Option<F>,
        edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        if now.is_some() || edit.absolute {
            patch.set.insert(name.into(), self.encode(now)?);
        } else {
            patch.take.insert(name.into(), self.0.encode(base)?);
        }
        Ok(())
    }
}
