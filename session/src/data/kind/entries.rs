//! Maps whose entries are merged one by one.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::codec::{json_size, object_size};
use super::{Kind, Part, key_text};
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
pub trait EntryMap: Sized + 'static {
    /// The type of the keys.
    type Key: 'static;
    /// The type of the values.
    type Value: 'static;

    /// Returns the entries, in any order.
    fn entries(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;

    /// Returns the value of a key.
    fn value_of(&self, key: &Self::Key) -> Option<&Self::Value>;

    /// Sets the value of a key.
    fn set_entry(&mut self, key: Self::Key, value: Self::Value);

    /// Removes a key.
    fn remove_entry(&mut self, key: &Self::Key);

    /// Returns whether two maps are the same.
    fn same(&self, other: &Self) -> bool
    where
        Self::Key: Part,
        Self::Value: Part;

    /// Returns the map of a JSON object.
    ///
    /// # Errors
    ///
    /// Fails if a key or a value can not be read.
    fn from_object(object: &str) -> serde_json::Result<Self>
    where
        Self::Key: Part,
        Self::Value: Part;
}

/// Writes what maps of the standard library have in common.
macro_rules! of_standard_map {
    () => {
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

        fn same(&self, other: &Self) -> bool
        where
            K: Part,
            V: Part,
        {
            self == other
        }

        fn from_object(object: &str) -> serde_json::Result<Self>
        where
            K: Part,
            V: Part,
        {
            serde_json::from_str(object)
        }
    };
}

impl<K: Ord + 'static, V: 'static> EntryMap for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    of_standard_map!();
}

impl<K, V, S> EntryMap for HashMap<K, V, S>
where
    K: Eq + Hash + 'static,
    V: 'static,
    S: BuildHasher + Default + 'static,
{
    type Key = K;
    type Value = V;

    of_standard_map!();
}

impl<M: EntryMap> Kind<M> for Entries
where
    M::Key: Part,
    M::Value: Part,
{
    fn merges(&self) -> Option<&'static str> {
        Some("entries")
    }

    fn encode(&self, map: &M) -> serde_json::Result<FieldText> {
        let entries = map.entries().map(|(key, value)| Ok((key_text(key)?, serde_json::to_string(value)?)));
        entries.collect::<serde_json::Result<_>>().map(FieldText::Entries)
    }

    fn decode(&self, json: &str) -> serde_json::Result<M> {
        M::from_object(json)
    }

    fn size(&self, map: &M) -> usize {
        object_size(map.entries().map(|(key, value)| (key, json_size(value))))
    }

    fn check(&self, map: &M) -> serde_json::Result<()> {
        map.entries().try_for_each(|(key, _)| key_text(key).map(drop))
    }

    fn has_part(&self, map: &M, key: &dyn Any, value: &dyn Any) -> serde_json::Result<bool> {
        let Some(key) = key.downcast_ref() else { return Ok(false) };
        key_text::<M::Key>(key)?;
        Ok(value.downcast_ref().is_some_and(|value| map.value_of(key) == Some(value)))
    }

    fn same(&self, left: &M, right: &M) -> bool {
        left.same(right)
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

fn changed<'m, M: EntryMap<Value: PartialEq>>(
    base: &'m M,
    now: &'m M,
) -> impl Iterator<Item = (&'m M::Key, &'m M::Value)> {
    now.entries().filter(|(key, value)| base.value_of(key) != Some(value))
}
