//! Maps whose entries are merged one by one.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::json_size;
use super::{Kind, key_text};
use crate::data::field::{FieldEdit, Refused};
use crate::record::{FieldPatch, FieldText};

/// Concurrent changes to different keys all survive.
#[derive(Debug, Clone, Copy)]
pub struct Entries;

/// A map whose entries can be merged one by one: [`BTreeMap`] and [`HashMap`].
#[diagnostic::on_unimplemented(
    message = "`merge = entries` needs a map, not `{Self}`",
    label = "this type has no entries to merge",
    note = "use a `BTreeMap` or a `HashMap`; for a set write `merge = members`"
)]
pub trait EntryMap: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The type of the keys.
    type Key: Clone + Serialize;
    /// The type of the values.
    type Value: Clone + PartialEq + Serialize;

    /// Returns the entries, in any order.
    fn entries(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;

    /// Returns the value of a key.
    fn value_of(&self, key: &Self::Key) -> Option<&Self::Value>;

    /// Sets the value of a key.
    fn set_entry(&mut self, key: Self::Key, value: Self::Value);

    /// Removes a key.
    fn remove_entry(&mut self, key: &Self::Key);
}

impl<K, V> EntryMap for BTreeMap<K, V>
where
    K: Clone + Ord + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Key = K;
    type Value = V;

    fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }

    fn value_of(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn set_entry(&mut self, key: K, value: V) {
        self.insert(key, value);
    }

    fn remove_entry(&mut self, key: &K) {
        self.remove(key);
    }
}

impl<K, V, S> EntryMap for HashMap<K, V, S>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    S: BuildHasher + Clone + Default + Send + Sync + 'static,
{
    type Key = K;
    type Value = V;

    fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }

    fn value_of(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn set_entry(&mut self, key: K, value: V) {
        self.insert(key, value);
    }

    fn remove_entry(&mut self, key: &K) {
        self.remove(key);
    }
}

impl<M: EntryMap> Kind<M> for Entries {
    fn merges(&self) -> Option<&'static str> {
        Some("entries")
    }

    fn encode(&self, map: &M) -> serde_json::Result<FieldText> {
        let entries = map.entries().map(|(key, value)| Ok((key_text(key)?, serde_json::to_string(value)?)));
        entries.collect::<serde_json::Result<_>>().map(FieldText::Entries)
    }

    fn decode(&self, json: &str) -> serde_json::Result<M> {
        serde_json::from_str(json)
    }

    fn size(&self, map: &M) -> usize {
        json_size(map)
    }

    fn check(&self, map: &M) -> serde_json::Result<()> {
        map.entries().try_for_each(|(key, _)| key_text(key).map(drop))
    }

    fn same(&self, left: &M, right: &M) -> bool {
        left == right
    }

    fn merge(&self, stored: &mut M, base: &M, now: &mut M, _edit: FieldEdit) -> Result<(), Refused> {
        for (key, _) in gone(base, now) {
            stored.remove_entry(key);
        }
        for (key, value) in changed(base, now) {
            stored.set_entry(key.clone(), value.clone());
        }
        Ok(())
    }

    fn diff(
        &self,
        name: &'static str,
        base: &M,
        now: &M,
        _edit: FieldEdit,
        patch: &mut FieldPatch,
    ) -> serde_json::Result<()> {
        let entries = patch.entries.entry(name.into()).or_default();
        for (key, _) in gone(base, now) {
            entries.insert(key_text(key)?, None);
        }
        for (key, value) in changed(base, now) {
            entries.insert(key_text(key)?, Some(serde_json::to_string(value)?));
        }
        Ok(())
    }
}

fn gone<'m, M: EntryMap>(base: &'m M, now: &'m M) -> impl Iterator<Item = (&'m M::Key, &'m M::Value)> {
    base.entries().filter(|(key, _)| now.value_of(key).is_none())
}

fn changed<'m, M: EntryMap>(base: &'m M, now: &'m M) -> impl Iterator<Item = (&'m M::Key, &'m M::Value)> {
    now.entries().filter(|(key, value)| base.value_of(key) != Some(value))
}
