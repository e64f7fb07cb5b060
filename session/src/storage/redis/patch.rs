//! A patch as the arguments of a script.

use std::collections::BTreeMap;

use fred::types::Value;

use super::record::{PRESENT, client_json, count, field_pairs, millis, named, ttl};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{FieldPatch, FieldText, Fields, MetaPatch, Seen, same};

/// A patch that a script can tell the effect of by comparing texts byte by byte, or that asks to look first.
pub(super) struct Steps(Vec<Value>);

impl Steps {
    /// Returns a patch, if texts decide it.
    pub(super) fn plain(fields: &FieldPatch, meta: &MetaPatch, now: Now) -> Result<Option<Self>, StorageError> {
        if !is_plain(fields) {
            return Ok(None);
        }
        let mut steps = Self(vec!["".into()]);
        steps.check(fields)?;
        steps.change(fields)?;
        steps.meta(meta, now);
        steps.push(["version".into()]);
        Ok(Some(steps))
    }

    /// Returns the patch that makes `after` of `before`, while the session has this version.
    pub(super) fn between(
        version: u64,
        before: &Fields,
        after: &Fields,
        meta: &MetaPatch,
        now: Now,
    ) -> Result<Self, StorageError> {
        let set = after.iter().filter(|(name, text)| before.get(*name) != Some(*text));
        let set = set.map(|(name, text)| (name.clone(), text.clone())).collect();
        let remove = before.keys().filter(|name| !after.contains_key(*name)).cloned().collect();
        let mut steps = Self(vec![version.to_string().into(), "0".into()]);
        steps.change(&FieldPatch { set, remove, ..FieldPatch::default() })?;
        steps.meta(meta, now);
        steps.push(["version".into()]);
        Ok(steps)
    }

    /// Returns what writes down a use alone.
    pub(super) fn touch(seen: &Seen, now: Now) -> Self {
        let mut steps = Self(vec!["".into(), "0".into()]);
        steps.seen(seen, now);
        steps
    }

    pub(super) fn into_args(self) -> Vec<Value> {
        self.0
    }

    fn push(&mut self, args: impl IntoIterator<Item = Value>) {
        self.0.extend(args);
    }

    fn counted(&mut self, args: Vec<Value>) {
        self.push([count(args.len())]);
        self.push(args);
    }

    fn check(&mut self, fields: &FieldPatch) -> Result<(), StorageError> {
        self.push([count(fields.expect.len() + fields.take.len() + fields.entries.len())]);
        for (name, json) in &fields.expect {
            let kind = if initial(fields, name, json) { "?" } else { "=" };
            self.push([kind.into(), named(name)?.into(), json.into()]);
        }
        for (name, json) in &fields.take {
            self.push(["?".into(), named(name)?.into(), json.into()]);
        }
        for name in fields.entries.keys() {
            self.push(["?".into(), named(name)?.into(), PRESENT.into()]);
        }
        Ok(())
    }

    fn change(&mut self, fields: &FieldPatch) -> Result<(), StorageError> {
        for (step, texts) in [("init", &fields.init), ("set", &fields.set)] {
            for (name, text) in texts {
                self.push([step.into(), name.into()]);
                self.counted(field_pairs(name, text)?);
            }
        }
        for name in &fields.remove {
            self.push(["remove".into(), named(name)?.into()]);
        }
        for (name, json) in &fields.take {
            self.push(["take".into(), name.into(), json.into()]);
        }
        for (name, addition) in &fields.add {
            let numbers = [addition.delta, addition.min, addition.max].map(|number| number.to_string().into());
            self.push(["add".into(), named(name)?.into()]);
            self.push(numbers);
        }
        for (name, changes) in &fields.entries {
            self.entries(name, changes);
        }
        Ok(())
    }

    fn entries(&mut self, name: &str, changes: &BTreeMap<String, Option<String>>) {
        let field = |key: &str| Value::from(format!("{name}/{key}"));
        let set = changes.iter().filter_map(|(key, text)| Some([field(key), text.as_ref()?.into()]));
        let removed = changes.iter().filter(|(_, text)| text.is_none()).map(|(key, _)| field(key));
        self.push(["entries".into(), name.into()]);
        self.counted(set.flatten().collect());
        self.counted(removed.collect());
    }

    fn seen(&mut self, seen: &Seen, now: Now) {
        self.push(["seen".into(), millis(seen.at), ttl(seen.expires_at, now)]);
        let mut pairs: Vec<Value> = vec!["@seen_at".into(), millis(seen.at), "@expires_at".into()];
        pairs.extend([millis(seen.expires_at), "@newborn".into(), "false".into()]);
        pairs.extend(seen.client.iter().flat_map(|client| ["@client".into(), client_json(client)]));
        self.counted(pairs);
    }

    fn meta(&mut self, meta: &MetaPatch, now: Now) {
        if let Some(deadline) = meta.deadline {
            self.push(["deadline".into(), millis(deadline)]);
        }
        if let Some(seen) = &meta.seen {
            self.seen(seen, now);
        }
        let newborn = (meta.identified == Some(true)).then_some(false);
        let pairs: [(&str, Option<Value>); 7] = [
            ("@handle", meta.handle.map(|handle| handle.to_string().into())),
            ("@identified", meta.identified.map(|identified| identified.to_string().into())),
            ("@newborn", newborn.map(|newborn| newborn.to_string().into())),
            ("@rotation_due", meta.rotation_due.map(|due| due.to_string().into())),
            ("@authenticated_at", meta.authenticated_at.map(millis)),
            ("@renewed_at", meta.renewed_at.map(millis)),
            ("@ttl", meta.ttl.map(|ttl| ttl.as_millis().to_string().into())),
        ];
        let given = pairs.into_iter().filter_map(|(name, value)| Some([name.into(), value?]));
        let given: Vec<Value> = given.flatten().collect();
        if !given.is_empty() {
            self.push(["meta".into()]);
            self.counted(given);
        }
        if let Some(expires_at) = meta.expires_at {
            self.push(["expire".into(), millis(expires_at), ttl(expires_at, now)]);
        }
    }
}

fn initial(fields: &FieldPatch, name: &str, json: &str) -> bool {
    fields.init.get(name).is_some_and(|text| same(&text.json(), json))
}

/// Returns whether comparing texts byte by byte, once, before the first change, tells what the patch does; as far as
/// that can be seen without the session.
fn is_plain(fields: &FieldPatch) -> bool {
    let is_json = |texts: &Fields, name: &str| matches!(texts.get(name), Some(FieldText::Json(_)));
    let changed = |name: &String| fields.set.contains_key(name) || fields.remove.contains(name);
    // The text of an object without entries may be that of a field with some.
    let expected = fields.expect.values().chain(fields.take.values()).all(|json| !same(json, PRESENT));
    let taken = fields.take.iter().all(|(name, json)| {
        !changed(name) && fields.init.get(name).is_none_or(|text| text.json().as_ref() == json.as_str())
    });
    let entered = fields.entries.keys().all(|name| {
        let other = fields.take.contains_key(name) || fields.add.contains_key(name);
        !other && !is_json(&fields.set, name) && !is_json(&fields.init, name)
    });
    expected && taken && entered
}
