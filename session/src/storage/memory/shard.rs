//! The sessions whose tags fall into one shard, under one lock.

use std::mem;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::capacity::{Capacity, Load};
use super::expiry::Expiry;
use super::keys::Keys;
use super::names::{Marker, Name, Names};
use super::peers::Peers;
use super::slots::{Item, Slots};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Via};
use crate::token::{Handle, Key, Tag};

/// What a session counts for beside its data, in bytes.
const OVERHEAD: usize = 512;

/// The sessions of a shard.
pub(super) struct Shard {
    pub(super) slots: Slots,
    pub(super) keys: Keys,
    pub(super) peers: Peers,
    pub(super) expiry: Expiry,
    pub(super) names: Names,
    capacity: Arc<Capacity>,
    load: Load,
}

/// What a key leads to.
pub(super) enum Lead {
    Live(u32, Via),
    Moved(Marker),
    Nothing,
}

impl Shard {
    pub(super) fn new(capacity: Arc<Capacity>) -> Self {
        Self {
            slots: Slots::default(),
            keys: Keys::default(),
            peers: Peers::default(),
            expiry: Expiry::default(),
            names: Names::new(capacity.clone()),
            capacity,
            load: Load::default(),
        }
    }

    pub(super) fn lead(&self, key: &Key, now: Now) -> Lead {
        if let Some(slot) = self.keys.find(&self.slots, key) {
            return if self.slots[slot].lives(now) { Lead::Live(slot, Via::Current) } else { Lead::Nothing };
        }
        match self.names.get(key) {
            Some(Name::Moved(marker)) if marker.until > now => Lead::Moved(*marker),
            Some(Name::Other(handle)) => self.lead_of(handle, key, now),
            _ => Lead::Nothing,
        }
    }

    fn lead_of(&self, handle: &Handle, key: &Key, now: Now) -> Lead {
        let slot = self.peers.find(&self.slots, handle).filter(|slot| self.slots[*slot].lives(now));
        match slot {
            Some(slot) if self.slots[slot].pending().is_some_and(|pending| pending.key == *key) => {
                Lead::Live(slot, Via::Pending)
            }
            Some(slot) if self.slots[slot].in_grace(key, now) => Lead::Live(slot, Via::Grace),
            _ => Lead::Nothing,
        }
    }

    pub(super) fn load(&self, key: &Key, now: Now) -> Loaded {
        match self.lead(key, now) {
            Lead::Live(slot, via) => Loaded::Live { record: self.slots[slot].record.clone(), via },
            Lead::Moved(_) => Loaded::Moved,
            Lead::Nothing => Loaded::Absent,
        }
    }

    pub(super) fn create(&mut self, key: &Key, record: &Record, now: Now) -> Result<Created, StorageError> {
        if !self.vacate(key, now) {
            return Ok(Created::Taken);
        }
        let item = self.item(key, record)?;
        let surplus = self.surplus(&item.record, record.max_per_user, None, now);
        self.reserve(&item, self.load_of(&surplus))?;
        let evicted = self.evict(&surplus);
        self.insert(item);
        Ok(Created::Created { evicted })
    }

    pub(super) fn commit(&mut self, key: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        let (slot, via) = match self.lead(key, now) {
            Lead::Live(slot, via) => (slot, via),
            Lead::Moved(_) => return Ok(Commit::Moved),
            Lead::Nothing => return Ok(Commit::Gone),
        };
        match patch.apply(&self.slots[slot].record) {
            Ok(record) if record.meta.handle.tag() != key.tag() => {
                Err(StorageError::Unsupported("a session of another identity needs another key"))
            }
            Ok(record) => {
                self.replace(slot, record)?;
                self.presented(slot, via, now);
                Ok(Commit::DONE)
            }
            Err(error) => error.into_answer(),
        }
    }

    /// Puts a record in the place of an earlier one of the same session.
    pub(super) fn replace(&mut self, slot: u32, record: Record) -> Result<(), StorageError> {
        let size = self.size(&record)?;
        let item = &mut self.slots[slot];
        let identified = item.identified();
        let growth = size.saturating_sub(item.size);
        // Who signs in is never turned away for want of room.
        let spare = if record.meta.identified && !identified { Load::BOUNDLESS } else { Load::default() };
        self.capacity.reserve(Load::bytes(growth), spare)?;
        self.capacity.release(Load::bytes(item.size.saturating_sub(size)));
        self.load.bytes = self.load.bytes + size as usize - item.size as usize;
        item.size = size;
        match Arc::get_mut(&mut item.record) {
            Some(unshared) => *unshared = record,
            None => item.record = Arc::new(record),
        }
        self.expiry.update(&mut self.slots, slot, identified);
        Ok(())
    }

    pub(super) fn touch(&mut self, key: &Key, seen: &Seen, now: Now) -> bool {
        let Lead::Live(slot, via) = self.lead(key, now) else {
            return false;
        };
        let item = &mut self.slots[slot];
        let identified = item.identified();
        seen.apply(&mut Arc::make_mut(&mut item.record).meta);
        self.expiry.update(&mut self.slots, slot, identified);
        self.presented(slot, via, now);
        true
    }

    /// Makes room under a key that nothing alive uses. Returns whether nothing does.
    pub(super) fn vacate(&mut self, key: &Key, now: Now) -> bool {
        if !matches!(self.lead(key, now), Lead::Nothing) {
            return false;
        }
        if let Some(slot) = self.keys.find(&self.slots, key) {
            self.remove(slot);
        }
        if let Some(Name::Moved(marker)) = self.names.get(key).copied() {
            self.names.remove(key, Some(marker.until));
        }
        true
    }

    /// Returns the session as this storage keeps it.
    pub(super) fn item(&self, key: &Key, record: &Record) -> Result<Item, StorageError> {
        if record.meta.handle.tag() != key.tag() {
            return Err(StorageError::Unsupported("a session's key and handle bear the same tag"));
        }
        Ok(Item::new(key, record.clone(), self.size(record)?))
    }

    fn size(&self, record: &Record) -> Result<u32, StorageError> {
        let agent = record.meta.client.as_ref().and_then(|client| client.agent.as_ref());
        let size = record.size() + agent.map_or(0, String::len) + OVERHEAD;
        let limit = self.capacity.largest();
        u32::try_from(size).ok().filter(|_| size <= limit).ok_or(StorageError::TooLarge { size, limit })
    }

    /// Takes room for a session, if it fits when `spare` is gone.
    pub(super) fn reserve(&self, item: &Item, spare: Load) -> Result<(), StorageError> {
        self.capacity.reserve(Load::session(item.size), spare)
    }

    /// Puts a session in; the room for it is reserved.
    pub(super) fn insert(&mut self, item: Item) {
        self.load = self.load.plus(Load::session(item.size));
        let slot = self.slots.insert(item);
        self.keys.insert(&self.slots, slot);
        self.peers.insert(&mut self.slots, slot);
        self.expiry.insert(&mut self.slots, slot);
    }

    /// Takes a session out, with all its keys.
    pub(super) fn remove(&mut self, slot: u32) -> Item {
        self.keys.remove(&self.slots, slot);
        self.peers.remove(&mut self.slots, slot);
        self.expiry.remove(&self.slots, slot);
        let mut item = self.slots.remove(slot);
        if let Some(chain) = item.chain.take() {
            if let Some(pending) = chain.pending {
                self.names.remove(&pending.key, None);
            }
            for (key, until) in &chain.grace {
                self.names.remove(key, Some(*until));
            }
        }
        let load = Load::session(item.size);
        self.capacity.release(load);
        self.load.sessions -= load.sessions;
        self.load.bytes -= load.bytes;
        item
    }

    /// Returns the living sessions of a tag that belong to somebody.
    pub(super) fn of(&self, tag: Tag, now: Now) -> impl Iterator<Item = u32> {
        let live = move |slot: &u32| self.slots[*slot].lives(now) && self.slots[*slot].identified();
        self.peers.of(&self.slots, tag).filter(live)
    }

    /// Returns the sessions that a new one of the same identity, which replaces `replaced`, is one too many for:
    /// those that were seen longest ago.
    pub(super) fn surplus(&self, new: &Record, max: Option<NonZeroU32>, replaced: Option<u32>, now: Now) -> Vec<u32> {
        let Some(max) = max.filter(|_| new.meta.identified) else {
            return Vec::new();
        };
        let mut others: Vec<u32> = self.of(new.meta.handle.tag(), now).filter(|slot| Some(*slot) != replaced).collect();
        let surplus = (others.len() + 1).saturating_sub(max.get() as usize);
        others.sort_unstable_by_key(|slot| {
            let meta = &self.slots[*slot].record.meta;
            (meta.seen_at, meta.created_at, meta.handle)
        });
        others.truncate(surplus);
        others
    }

    pub(super) fn load_of(&self, slots: &[u32]) -> Load {
        slots.iter().fold(Load::default(), |load, slot| load.plus(Load::session(self.slots[*slot].size)))
    }

    pub(super) fn evict(&mut self, slots: &[u32]) -> Vec<Handle> {
        slots.iter().map(|slot| *self.remove(*slot).handle()).collect()
    }

    /// Moves the sessions together if they are few among many free slots.
    pub(super) fn shrink(&mut self) {
        if !self.slots.sparse() {
            return;
        }
        self.load = Load::default();
        self.keys = Keys::default();
        self.peers = Peers::default();
        self.expiry = Expiry::default();
        for item in mem::take(&mut self.slots).into_items() {
            self.insert(Item { previous: super::slots::NONE, next: super::slots::NONE, ..item });
        }
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        self.capacity.release(self.load);
    }
}
