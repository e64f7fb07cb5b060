//! Removing from a map or set by a borrowed form of its key.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::kind::EntryMap;

/// A map whose values can be found by `&Q`, as its own `get` allows.
pub trait Find<Q: ?Sized>: EntryMap {
    /// Returns the value of the key.
    fn find(&self, key: &Q) -> Option<&Self::Value>;
}

impl<K: Borrow<Q> + Ord, V, Q: Ord + ?Sized> Find<Q> for BTreeMap<K, V>
where
    Self: EntryMap<Value = V>,
{
    fn find(&self, key: &Q) -> Option<&V> {
        self.get(key)
    }
}

impl<K: Borrow<Q> + Eq + Hash, V, S: BuildHasher, Q: Eq + Hash + ?Sized> Find<Q> for HashMap<K, V, S>
where
    Self: EntryMap<Value = V>,
{
    fn find(&self, key: &Q) -> Option<&V> {
        self.get(key)
    }
}

/// A map or set from which a key can be removed by `&Q`, as its own `remove` allows.
pub trait Lookup<Q: ?Sized> {
    /// Returns whether the key is there.
    fn holds(&self, key: &Q) -> bool;

    /// Removes the key, if it is there.
    fn discard(&mut self, key: &Q);
}

impl<K: Borrow<Q> + Ord, V, Q: Ord + ?Sized> Lookup<Q> for BTreeMap<K, V> {
    fn holds(&self, key: &Q) -> bool {
        self.contains_key(key)
    }

    fn discard(&mut self, key: &Q) {
        self.remove(key);
    }
}

impl<K: Borrow<Q> + Eq + Hash, V, S: BuildHasher, Q: Eq + Hash + ?Sized> Lookup<Q> for HashMap<K, V, S> {
    fn holds(&self, key: &Q) -> bool {
        self.contains_key(key)
    }

    fn discard(&mut self, key: &Q) {
        self.remove(key);
    }
}

impl<K: Borrow<Q> + Ord, Q: Ord + ?Sized> Lookup<Q> for BTreeSet<K> {
    fn holds(&self, key: &Q) -> bool {
        self.contains(key)
    }

    fn discard(&mut self, key: &Q) {
        self.remove(key);
    }
}

impl<K: Borrow<Q> + Eq + Hash, S: BuildHasher, Q: Eq + Hash + ?Sized> Lookup<Q> for HashSet<K, S> {
    fn holds(&self, key: &Q) -> bool {
        self.contains(key)
    }

    fn discard(&mut self, key: &Q) {
        self.remove(key);
    }
}
