//! Patches in databases that find a place in JSON by a path.

use super::plain::{Plain, write_sum};
use super::statement::{Draft, Param};

/// What a database calls its functions. A pair stands around an argument.
pub(super) struct Functions {
    pub(super) set: &'static str,
    pub(super) remove: &'static str,
    /// Makes JSON of a text.
    pub(super) json: (&'static str, &'static str),
    /// Makes an integer of what is at a path.
    pub(super) integer: (&'static str, &'static str),
    pub(super) greatest: &'static str,
    pub(super) least: &'static str,
}

/// Returns the path of a field. Stored names hold nothing that a path gives a meaning to.
pub(super) fn path(name: &str) -> Param {
    Param::Text(format!("$.\"{name}\""))
}

pub(super) fn entry_path(name: &str, key: &str) -> Param {
    Param::Text(format!("$.\"{name}\".\"{key}\""))
}

fn entries(plain: &Plain) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
    plain.entries.iter().flat_map(|(name, changes)| {
        changes.iter().map(move |(key, text)| (name.as_str(), key.as_str(), text.as_deref()))
    })
}

impl Functions {
    /// Writes what `data` becomes.
    pub(super) fn patch(&self, draft: &mut Draft, plain: &Plain) {
        let removes = !plain.remove.is_empty() || entries(plain).any(|(_, _, text)| text.is_none());
        if !removes {
            return self.write_set(draft, plain);
        }
        draft.push(self.remove).push("(");
        self.write_set(draft, plain);
        for name in &plain.remove {
            draft.push(", ").bind(path(name));
        }
        for (name, key, _) in entries(plain).filter(|(_, _, text)| text.is_none()) {
            draft.push(", ").bind(entry_path(name, key));
        }
        draft.push(")");
    }

    fn write_set(&self, draft: &mut Draft, plain: &Plain) {
        let sets = !plain.set.is_empty() || !plain.add.is_empty() || entries(plain).any(|(_, _, text)| text.is_some());
        if !sets {
            draft.push("data");
            return;
        }
        draft.push(self.set).push("(data");
        for (name, text) in &plain.set {
            self.write_value(draft, path(name), text);
        }
        for (name, key, text) in entries(plain) {
            if let Some(text) = text {
                self.write_value(draft, entry_path(name, key), text);
            }
        }
        for (name, addition) in &plain.add {
            let value = |draft: &mut Draft| {
                draft.push(self.integer.0).bind(path(name)).push(self.integer.1);
            };
            draft.push(", ").bind(path(name)).push(", ");
            write_sum(draft, value, addition, (self.greatest, self.least));
        }
        draft.push(")");
    }

    fn write_value(&self, draft: &mut Draft, path: Param, text: &str) {
        draft.push(", ").bind(path).push(", ").push(self.json.0).bind(Param::Text(text.into())).push(self.json.1);
    }
}
