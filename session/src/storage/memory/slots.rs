//! The slots that sessions of a shard lie in.

use std::ops::{Index, IndexMut};
use std::sync::Arc;
use std::time::Duration;

use slab::Slab;

use crate::clock::{Now, Timestamp};
use crate::record::Record;
use crate::token::{Handle, Key};

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// A session, and where the shard's other structures hold it.
pub(super) struct Item {
    /// The hash of its current key; the key's tag is that of its handle.
    pub(super) hash: [u8; 32],
    pub(super) record: Arc<Record>,
    /// The bytes it counts for.
    pub(super) size: u32,
    /// The second under which it waits to expire: that of its expiry, or an earlier one.
    pub(super) queued: u32,
    /// The sessions of the same tag.
    pub(super) previous: u32,
    pub(super) next: u32,
    /// Its other keys.
    pub(super) chain: Option<Box<Chain>>,
}

/// The keys of a session beside its current one.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) pending: Option<Pending>,
    /// The keys in grace, and until when.
    pub(super) grace: Vec<(Key, Timestamp)>,
}

/// A key that was issued and not presented yet.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    pub(super) key: Key,
    pub(super) since: Timestamp,
    pub(super) grace: Duration,
}

impl Item {
    pub(super) fn new(key: &Key, mut record: Record, size: u32) -> Self {
        record.max_per_user = None;
        Self { hash: *key.hash(), record: Arc::new(record), size, queued: 0, previous: NONE, next: NONE, chain: None }
    }

    pub(super) fn key(&self) -> Key {
        Key::new(self.handle().tag(), self.hash)
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.record.meta.handle
    }

    pub(super) fn identified(&self) -> bool {
        self.record.meta.identified
    }

    pub(super) fn lives(&self, now: Now) -> bool {
        self.record.meta.expires_at > now
    }

    /// Returns the key that was issued and not presented yet.
    pub(super) fn pending(&self) -> Option<&Pending> {
        self.chain.as_ref()?.pending.as_ref()
    }

    /// Returns whether the key was current before a renewal and is good still.
    pub(super) fn in_grace(&self, key: &Key, now: Now) -> bool {
        self.chain.iter().flat_map(|chain| &chain.grace).any(|(other, until)| other == key && *until > now)
    }

    pub(super) fn chain_mut(&mut self) -> &mut Chain {
        self.chain.get_or_insert_default()
    }
}

impl Chain {
    /// Returns the keys that lead to the session.
    pub(super) fn keys(&self, now: Now) -> impl Iterator<Item = Key> {
        let pending = self.pending.iter().map(|pending| pending.key);
        pending.chain(self.grace.iter().filter(move |(_, until)| *until > now).map(|(key, _)| *key))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_none() && self.grace.is_empty()
    }
}

/// The sessions of a shard by their slots.
#[derive(Default)]
pub(super) struct Slots(Slab<Item>);

impl Slots {
    /// Puts a session into a free slot. The storage's bounds keep the number of slots within `u32`.
    pub(super) fn insert(&mut self, item: Item) -> u32 {
        if self.0.len() == self.0.capacity() {
            // A vector of its own accord would double, and leave half of it unused.
            self.0.reserve_exact(self.0.len() / 4 + 4);
        }
        u32::try_from(self.0.insert(item)).unwrap_or(NONE)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Item {
        self.0.remove(slot as usize)
    }

    /// Returns whether most slots are free, so that moving the sessions together is worth it.
    pub(super) fn sparse(&self) -> bool {
        self.0.capacity() > 4 * self.0.len() + 16
    }

    pub(super) fn into_items(self) -> impl Iterator<Item = Item> {
        self.0.into_iter().map(|(_, item)| item)
    }
}

impl Index<u32> for Slots {
    type Output = Item;

    fn index(&self, slot: u32) -> &Item {
        &self.0[slot as usize]
    }
}

impl IndexMut<u32> for Slots {
    fn index_mut(&mut self, slot: u32) -> &mut Item {
        &mut self.0[slot as usize]
    }
}
