//! Fields whose last writer wins, or whose second writer is refused.

use super::{Codec, Json, Kind};
use crate::data::field::{FieldEdit, Refused};
use crate::record::{FieldPatch, FieldText};

/// The last writer wins.
#[derive(Debug, Clone, Copy)]
pub struct Replace<C = Json>(pub C);

/// The second writer is refused. Values are compared: one that was changed and changed back is not noticed.
#[derive(Debug, Clone, Copy)]
pub struct Reject<C = Json>(pub C);

impl<F: PartialEq, C: Codec<F>> Kind<F> for Replace<C> {
    fn encode(&self, value: &F) -> serde_json::Result<FieldText> {
        self.0.encode(value).map(FieldText::Json)
    }

    fn decode(&self, json: &str) -> serde_json::Result<F> {
        self.0.decode(json)
    }

    fn size(&self, value: &F) -> usize {
        self.0.size(value)
    }

    fn same(&self, left: &F, right: &F) -> bool {
        left == right
    }

    fn merge(&self, stored: &mut F, _base: &F, now: &mut F, _edit: FieldEdit) -> Result<(), Refused> {
        std::mem::swap(stored, now);
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        _base: &F,
        now: &F,
        _edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        patch.set.insert(name.into(), self.encode(now)?);
        Ok(())
    }
}

impl<F: PartialEq, C: Codec<F>> Kind<F> for Reject<C> {
    fn merges(&self) -> Option<&'static str> {
        Some("reject")
    }

    fn encode(&self, value: &F) -> serde_json::Result<FieldText> {
        self.0.encode(value).map(FieldText::Json)
    }

    fn decode(&self, json: &str) -> serde_json::Result<F> {
        self.0.decode(json)
    }

    fn size(&self, value: &F) -> usize {
        self.0.size(value)
    }

    fn same(&self, left: &F, right: &F) -> bool {
        left == right
    }

    fn merge(&self, stored: &mut F, base: &F, now: &mut F, _edit: FieldEdit) -> Result<(), Refused> {
        if stored != base {
            return Err(Refused);
        }
        std::mem::swap(stored, now);
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        base: &F,
        now: &F,
        _edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        patch.expect.insert(name.into(), self.0.encode(base)?);
        patch.set.insert(name.into(), self.encode(now)?);
        Ok(())
    }
}
