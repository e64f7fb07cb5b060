//! Keys that are not, or not any more, the current key of a session.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;

use super::capacity::{Capacity, Load};
use crate::clock::{Now, Timestamp};
use crate::token::{Handle, Key};

/// What a name counts for, in bytes.
const SIZE: usize = 256;

/// What a key leads to that is not the current key of a session.
#[derive(Clone, Copy)]
pub(super) enum Name {
    /// A session that was given another key.
    Moved(Marker),
    /// A session whose key it may become, or was a moment ago; the session knows which.
    Other(Handle),
}

/// Where a session went.
#[derive(Clone, Copy)]
pub(super) struct Marker {
    pub(super) to: Key,
    /// Whether an end follows it.
    pub(super) followed: bool,
    pub(super) until: Timestamp,
}

/// The keys of a shard that are not the current key of a session.
pub(super) struct Names {
    by_key: HashMap<Key, Name>,
    /// Those with an end of their own.
    ending: BTreeSet<(Timestamp, Key)>,
    capacity: Arc<Capacity>,
}

impl Names {
    pub(super) fn new(capacity: Arc<Capacity>) -> Self {
        Self { by_key: HashMap::new(), ending: BTreeSet::new(), capacity }
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Name> {
        // Most shards have none at most times.
        if self.by_key.is_empty() { None } else { self.by_key.get(key) }
    }

    pub(super) fn insert(&mut self, key: Key, name: Name, until: Option<Timestamp>) {
        if self.by_key.insert(key, name).is_none() {
            self.capacity.take(Load { sessions: 0, bytes: SIZE });
        }
        self.ending.extend(until.map(|until| (until, key)));
    }

    /// Forgets a key, and its end, if that is known.
    pub(super) fn remove(&mut self, key: &Key, until: Option<Timestamp>) -> Option<Name> {
        let name = self.by_key.remove(key)?;
        self.capacity.release(Load { sessions: 0, bytes: SIZE });
        if let Some(until) = until {
            self.ending.remove(&(until, *key));
        }
        if self.by_key.is_empty() {
            self.by_key = HashMap::new();
        }
        Some(name)
    }

    /// Forgets the key that ended first, if one did.
    pub(super) fn pop_ended(&mut self, now: Now) -> Option<(Key, Option<Name>)> {
        let (_, key) = self.ending.first().filter(|(until, _)| *until <= now).copied()?;
        let (until, _) = self.ending.pop_first()?;
        Some((key, self.remove(&key, Some(until))))
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.capacity.release(Load { sessions: 0, bytes: SIZE * self.by_key.len() });
    }
}
