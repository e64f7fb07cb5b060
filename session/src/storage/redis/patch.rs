//! A patch as the arguments of a script.

use std::collections::BTreeMap;

use super::pack::Pack;
use super::record::{PRESENT, entry, named, push_client, push_counted, push_flag, push_lifetime, push_time, ttl};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{FieldPatch, FieldText, Fields, MetaPatch, Seen, same};

/// A patch that a script can tell the effect of by comparing texts byte by byte, or that asks to look first.
pub(super) struct Steps {
    texts: Pack,
    /// Whether the time to live changes, and what the index says of the session.
    settles: bool,
}

impl Steps {
    fn of<const N: usize>(texts: [&str; N]) -> Self {
        Self { texts: Pack::of(texts), settles: false }
    }

    /// Returns a patch, if texts decide it.
    pub(super) fn plain(fields: &FieldPatch, meta: &MetaPatch, now: Now) -> Result<Option<Self>, StorageError> {
        if !is_plain(fields) {
            return Ok(None);
        }
        let mut steps = Self::of([""]);
        steps.check(fields)?;
        steps.change(fields)?;
        steps.meta(meta, now);
        steps.texts.push("version");
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
        let mut steps = Self::of([&version.to_string(), "0"]);
        steps.change(&FieldPatch { set, remove, ..FieldPatch::default() })?;
        steps.meta(meta, now);
        steps.texts.push("version");
        Ok(steps)
    }

    /// Returns what writes down a use alone.
    pub(super) fn touch(seen: &Seen, now: Now) -> Self {
        let mut steps = Self::of(["", "0"]);
        steps.seen(seen, now);
        steps
    }

    /// Returns whether what the index says of the session changes.
    pub(super) fn settles(&self) -> bool {
        self.settles
    }

    pub(super) fn into_pack(self) -> Pack {
        self.texts
    }

    /// Returns the steps behind what comes before them.
    pub(super) fn after(&self, text: &str) -> Pack {
        let mut pack = Pack::of([text]);
        pack.append(&self.texts);
        pack
    }

    fn check(&mut self, fields: &FieldPatch) -> Result<(), StorageError> {
        self.texts.push_number(fields.expect.len() + fields.take.len() + fields.entries.len());
        for (name, json) in &fields.expect {
            self.texts.push(if initial(fields, name, json) { "?" } else { "=" });
            self.texts.push_pair(named(name)?, json);
        }
        let present = fields.entries.keys().map(|name| (name, PRESENT));
        for (name, json) in fields.take.iter().map(|(name, json)| (name, json.as_str())).chain(present) {
            self.texts.push("?");
            self.texts.push_pair(named(name)?, json);
        }
        Ok(())
    }

    fn change(&mut self, fields: &FieldPatch) -> Result<(), StorageError> {
        for (step, texts) in [("init", &fields.init), ("set", &fields.set)] {
            for (name, text) in texts {
                self.texts.push_pair(step, name);
                push_counted(&mut self.texts, name, text)?;
            }
        }
        for name in &fields.remove {
            self.texts.push_pair("remove", named(name)?);
        }
        for (name, json) in &fields.take {
            self.texts.push("take");
            self.texts.push_pair(name, json);
        }
        for (name, addition) in &fields.add {
            self.texts.push_pair("add", named(name)?);
            for number in [addition.delta, addition.min, addition.max] {
                self.texts.push_number(number);
            }
        }
        for (name, changes) in &fields.entries {
            self.entries(name, changes);
        }
        Ok(())
    }

    fn entries(&mut self, name: &str, changes: &BTreeMap<String, Option<String>>) {
        let (mut set, mut removed) = (Pack::default(), Pack::default());
        for (key, text) in changes {
            match text {
                Some(json) => set.push_pair(&entry(name, key), json),
                None => removed.push(&entry(name, key)),
            }
        }
        self.texts.push_pair("entries", name);
        self.texts.append_counted(&set);
        self.texts.append_counted(&removed);
    }

    fn seen(&mut self, seen: &Seen, now: Now) {
        self.settles = true;
        let mut pairs = Pack::default();
        push_time(&mut pairs, "@seen_at", seen.at);
        push_time(&mut pairs, "@expires_at", seen.expires_at);
        push_flag(&mut pairs, "@newborn", false);
        if let Some(client) = &seen.client {
            push_client(&mut pairs, client);
        }
        push_time(&mut self.texts, "seen", seen.at);
        self.texts.push_number(ttl(seen.expires_at, now));
        self.texts.append_counted(&pairs);
    }

    fn meta(&mut self, meta: &MetaPatch, now: Now) {
        if let Some(deadline) = meta.deadline {
            self.settles = true;
            push_time(&mut self.texts, "deadline", deadline);
        }
        // Before a use, which looks at the lifetime.
        let pairs = changed(meta);
        if !pairs.is_empty() {
            self.texts.push("meta");
            self.texts.append_counted(&pairs);
        }
        if let Some(seen) = &meta.seen {
            self.seen(seen, now);
        }
        if let Some(expires_at) = meta.expires_at {
            self.settles = true;
            push_time(&mut self.texts, "expire", expires_at);
            self.texts.push_number(ttl(expires_at, now));
        }
        if let Some(proved) = meta.proved_anew() {
            push_time(&mut self.texts, "prove", proved);
        }
    }
}

/// Returns what is changed by being set, whatever it was.
fn changed(meta: &MetaPatch) -> Pack {
    let mut pairs = Pack::default();
    if let Some(handle) = meta.handle {
        pairs.push("@handle");
        pairs.push_shown(handle);
    }
    let newborn = (meta.identified == Some(true)).then_some(false);
    let flags = [("@identified", meta.identified), ("@newborn", newborn), ("@rotation_due", meta.rotation_due)];
    for (name, flag) in flags {
        if let Some(flag) = flag {
            push_flag(&mut pairs, name, flag);
        }
    }
    for (name, time) in [("@authenticated_at", meta.authenticated_at), ("@renewed_at", meta.renewed_at)] {
        if let Some(time) = time {
            push_time(&mut pairs, name, time);
        }
    }
    if let Some(ttl) = meta.ttl {
        push_lifetime(&mut pairs, ttl);
    }
    pairs
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
