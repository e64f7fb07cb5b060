//! Patches that one statement can apply.

use std::collections::BTreeSet;

use super::codec::Codec;
use super::statement::{Draft, Param};
use crate::record::{Addition, FieldPatch};

/// The most changes that are written into one statement.
const MOST: usize = 50;

/// Entries by their key, to be set or removed.
pub(super) type Changes = Vec<(String, Option<String>)>;

/// A patch that one statement applies if its conditions hold: every expected value has the expected text, every field
/// that is added to is an integer, and every field whose entries change is an object. Names and texts are as stored.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub(super) same: Vec<(String, String)>,
    pub(super) set: Vec<(String, String)>,
    pub(super) remove: Vec<String>,
    pub(super) add: Vec<(String, Addition)>,
    pub(super) entries: Vec<(String, Changes)>,
}

impl Plain {
    /// Returns a patch as one for a statement, if it is not of the rare kinds that need a look at the session first.
    pub(super) fn new(patch: &FieldPatch, codec: Codec) -> Option<Self> {
        if !patch.init.is_empty() || !is_disjoint(patch) || size(patch) > MOST {
            return None;
        }
        let name = |name: &str| codec.name(name).into_owned();
        let whole = |json: &str| codec.field(&crate::record::FieldText::Json(json.into()));
        let same = patch.expect.iter().chain(&patch.take).map(|(of, json)| (name(of), whole(json))).collect();
        let set = patch.set.iter().map(|(of, text)| (name(of), codec.field(text)));
        let taken = patch.take.keys().map(|of| (name(of), "null".to_owned()));
        let entries = patch.entries.iter().map(|(of, changes)| {
            let change = |(key, text): (&String, &Option<String>)| {
                (name(key), text.as_ref().map(|text| codec.entry(text).into_owned()))
            };
            (name(of), changes.iter().map(change).collect())
        });
        Some(Self {
            same,
            set: set.chain(taken).collect(),
            remove: patch.remove.iter().map(|of| name(of)).collect(),
            add: patch.add.iter().map(|(of, addition)| (name(of), *addition)).collect(),
            entries: entries.collect(),
        })
    }

    /// Returns whether the data stays as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.add.is_empty() && self.entries.is_empty()
    }
}

fn is_disjoint(patch: &FieldPatch) -> bool {
    let mut names = BTreeSet::new();
    let changed = patch.set.keys().chain(&patch.remove).chain(patch.take.keys());
    changed.chain(patch.add.keys()).chain(patch.entries.keys()).all(|name| names.insert(name))
}

fn size(patch: &FieldPatch) -> usize {
    let entries: usize = patch.entries.values().map(|changes| changes.len() + 1).sum();
    patch.expect.len() + patch.set.len() + patch.remove.len() + patch.take.len() + patch.add.len() + entries
}

/// Writes a sum that is clamped, and leaves 64 bits nowhere on the way.
pub(super) fn write_sum(
    draft: &mut Draft,
    value: impl Fn(&mut Draft),
    addition: &Addition,
    (greatest, least): (&str, &str),
) {
    let Bounds { high, low } = Bounds::of(addition);
    draft.push("CASE WHEN ");
    value(draft);
    draft.push(" > ").bind(Param::Int(high)).push(" THEN ").bind(Param::Int(addition.max)).push(" WHEN ");
    value(draft);
    draft.push(" < ").bind(Param::Int(low)).push(" THEN ").bind(Param::Int(addition.min)).push(" ELSE ");
    draft.push(greatest).push("(").bind(Param::Int(addition.min)).push(", ");
    draft.push(least).push("(").bind(Param::Int(addition.max)).push(", ");
    value(draft);
    draft.push(" + ").bind(Param::Int(addition.delta)).push(")) END");
}

/// A sum that stays within 64 bits in any database: `value` in between the bounds may be added to.
struct Bounds {
    /// Values above have the greatest sum.
    high: i64,
    /// Values below have the least.
    low: i64,
}

impl Bounds {
    fn of(addition: &Addition) -> Self {
        if addition.delta >= 0 {
            Self { high: addition.max.saturating_sub(addition.delta), low: i64::MIN }
        } else {
            Self { high: i64::MAX, low: addition.min.saturating_sub(addition.delta) }
        }
    }
}
