//! Changes of a session, to be applied in one atomic step.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::change::AnyChange;
use super::content::Content;
use super::{Change, FieldText, Fields, MetaPatch, Record};
use crate::data::SessionData;
use crate::error::EncodeError;

/// What a commit changes of a session, to be applied in the same atomic step that finds it alive.
///
/// A storage that keeps texts asks for [`fields`](Self::fields); one that keeps records calls [`apply`](Self::apply).
#[derive(Clone, Default)]
pub struct Patch {
    /// The changes of the metadata.
    pub meta: MetaPatch,
    /// How many sessions of one identifier may live, where the patch brings an identifier.
    pub max_per_user: Option<NonZeroU32>,
    change: Option<Arc<dyn AnyChange>>,
    /// The changes as texts, once they were asked for.
    fields: OnceLock<Box<FieldPatch>>,
}

/// The changes of a session's fields, by their stored names.
///
/// They are applied in the order of the fields below, and only if every expectation holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldPatch {
    /// Fields that must have this JSON value (the value is compared, not the text), else the patch is a conflict.
    pub expect: BTreeMap<String, String>,
    /// Fields that get this value if they have none: what the session's struct reads a missing field as.
    pub init: BTreeMap<String, FieldText>,
    /// Fields that get this value.
    pub set: BTreeMap<String, FieldText>,
    /// Fields that are removed.
    pub remove: Vec<String>,
    /// Fields that become `null` if they have this JSON value still.
    pub take: BTreeMap<String, String>,
    /// Integers that are added to.
    pub add: BTreeMap<String, Addition>,
    /// Entries that are set or removed.
    pub entries: BTreeMap<String, BTreeMap<String, Option<String>>>,
}

/// An addition to a stored integer, clamped to a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition {
    /// What is added.
    pub delta: i64,
    /// The least sum.
    pub min: i64,
    /// The greatest sum.
    pub max: i64,
}

/// Why a patch was not applied.
#[derive(Debug)]
#[non_exhaustive]
pub enum PatchError {
    /// This field has another value than the patch expects.
    Conflict(String),
    /// A value refuses to be serialized.
    Encode(EncodeError),
}

impl From<EncodeError> for PatchError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl Patch {
    /// Returns a patch of texts.
    pub fn new(meta: MetaPatch, fields: FieldPatch) -> Self {
        Self { meta, fields: OnceLock::from(Box::new(fields)), ..Self::default() }
    }

    pub(crate) fn of<T: SessionData>(change: Change<T>) -> Self {
        Self { change: Some(Arc::new(change)), ..Self::default() }
    }

    /// Returns the changes of the fields as texts.
    ///
    /// # Errors
    ///
    /// Fails if a value refuses to be serialized.
    pub fn fields(&self) -> Result<&FieldPatch, EncodeError> {
        if let Some(fields) = self.fields.get() {
            return Ok(fields);
        }
        let fields = match &self.change {
            Some(change) => change.diff()?,
            None => FieldPatch::default(),
        };
        Ok(self.fields.get_or_init(|| Box::new(fields)))
    }

    /// Returns the record that comes of this patch, with the next version.
    ///
    /// # Errors
    ///
    /// Fails if an expectation does not hold, or a value refuses to be serialized.
    #[inline]
    pub fn apply(&self, record: &Record) -> Result<Record, PatchError> {
        let mut meta = record.meta.clone();
        self.meta.apply(&mut meta);
        meta.version += 1;
        Ok(Record { meta, max_per_user: None, content: self.content(&record.content)? })
    }

    fn content(&self, content: &Content) -> Result<Content, PatchError> {
        if let (Some(change), Some(value)) = (&self.change, content.value())
            && let Some(merged) = change.merge(value)
        {
            return Ok(Content::of_value(merged?));
        }
        let patch = self.fields()?;
        if *patch == FieldPatch::default() {
            return Ok(content.clone());
        }
        let mut fields = Fields::clone(content.fields()?);
        patch.apply(&mut fields).map_err(PatchError::Conflict)?;
        Ok(Content::of_fields(fields))
    }
}

/// Without the fields, which may be secret.
impl fmt::Debug for Patch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Patch").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl FieldPatch {
    /// Changes `fields`; this is what every storage must do, in its own language.
    ///
    /// # Errors
    ///
    /// Returns the name of the first field that has another value than expected; nothing is changed then.
    pub fn apply(&self, fields: &mut Fields) -> Result<(), String> {
        let holds =
            |fields: &Fields, name: &str, json: &str| fields.get(name).is_some_and(|text| same(&text.json(), json));
        let initial = |name: &str, json: &str| self.init.get(name).is_some_and(|text| same(&text.json(), json));
        for (name, json) in &self.expect {
            let met = if fields.contains_key(name) { holds(fields, name, json) } else { initial(name, json) };
            if !met {
                return Err(name.clone());
            }
        }
        for (name, text) in &self.init {
            fields.entry(name.clone()).or_insert_with(|| text.clone());
        }
        fields.extend(self.set.clone());
        fields.retain(|name, _| !self.remove.contains(name));
        for (name, json) in &self.take {
            if holds(fields, name, json) {
                fields.insert(name.clone(), FieldText::Json("null".into()));
            }
        }
        for (name, addition) in &self.add {
            let stored = fields.get(name).map_or(0, |text| integer(&text.json()));
            fields.insert(name.clone(), FieldText::Json(addition.apply(stored).to_string()));
        }
        for (name, changes) in &self.entries {
            let entries =
                fields.entry(name.clone()).or_insert_with(|| FieldText::Entries(BTreeMap::new())).entries_mut();
            for (key, text) in changes {
                match text {
                    Some(text) => entries.insert(key.clone(), text.clone()),
                    None => entries.remove(key),
                };
            }
        }
        Ok(())
    }
}

impl Addition {
    /// Returns the sum, clamped to the range.
    pub fn apply(&self, stored: i64) -> i64 {
        stored.saturating_add(self.delta).clamp(self.min, self.max)
    }
}

/// Returns a stored integer, clamped to `i64`: a `u64` may have been stored before its field merged by addition.
fn integer(json: &str) -> i64 {
    serde_json::from_str(json).unwrap_or_else(|_| serde_json::from_str::<u64>(json).map_or(0, |_| i64::MAX))
}

/// Returns whether two JSON texts are of the same value.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || matches!((parse(left), parse(right)), (Some(left), Some(right)) if left == right)
}

fn parse(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}
