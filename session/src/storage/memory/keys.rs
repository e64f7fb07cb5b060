//! Slots by the sessions' current keys.

use hashbrown::HashTable;

use super::slots::Slots;
use crate::token::Key;

/// The slots of a shard by the hash of the sessions' current keys.
#[derive(Default)]
pub(super) struct Keys(HashTable<u32>);

impl Keys {
    pub(super) fn find(&self, slots: &Slots, key: &Key) -> Option<u32> {
        let slot = *self.0.find(digest(key.hash()), |slot| slots[*slot].hash == *key.hash())?;
        (slots[slot].handle().tag() == key.tag()).then_some(slot)
    }

    pub(super) fn insert(&mut self, slots: &Slots, slot: u32) {
        self.0.insert_unique(digest(&slots[slot].hash), slot, |slot| digest(&slots[*slot].hash));
    }

    pub(super) fn remove(&mut self, slots: &Slots, slot: u32) {
        if let Ok(entry) = self.0.find_entry(digest(&slots[slot].hash), |other| *other == slot) {
            entry.remove();
        }
    }
}

/// A part of a SHA-256, which is as evenly spread as any hash of it.
fn digest(hash: &[u8; 32]) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
