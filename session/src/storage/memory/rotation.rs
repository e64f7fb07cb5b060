//! Rotations that replace a session's keys at once, perhaps from one shard to another.

use std::num::NonZeroU32;

use parking_lot::MutexGuard;

use super::MemoryStorage;
use super::capacity::Load;
use super::shard::{Lead, Shard};
use super::slots::Item;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record};
use crate::storage::{Commit, Via};
use crate::token::{Handle, Key, Tag};

/// The shards that a session leaves and enters, locked.
pub(super) struct Pair<'s> {
    /// [`None`] if it is the same.
    old: Option<MutexGuard<'s, Shard>>,
    new: MutexGuard<'s, Shard>,
}

impl Pair<'_> {
    fn old(&mut self) -> &mut Shard {
        self.old.as_mut().unwrap_or(&mut self.new)
    }

    /// Puts `record` under the key `new`, in place of the session in the slot `leaving` of the old shard.
    fn exchange(
        &mut self,
        leaving: Option<u32>,
        new: &Key,
        record: &Record,
        max: Option<NonZeroU32>,
        now: Now,
    ) -> Result<Commit, StorageError> {
        if !self.new.vacate(new, now) {
            return Err(StorageError::Unsupported("a rotation takes an unused key"));
        }
        let item = self.new.item(new, record)?;
        let replaced = leaving.filter(|_| self.old.is_none());
        let surplus = self.new.surplus(record, max, replaced, now);
        let spare = self.spare(leaving, record).plus(self.new.load_of(&surplus));
        self.new.reserve(&item, spare)?;
        if let Some(slot) = leaving {
            self.old().depart(slot, *new, record.meta.identified, now);
        }
        let evicted = self.new.evict(&surplus);
        self.new.insert(item);
        Ok(Commit::Committed { rotated: true, evicted })
    }

    fn spare(&mut self, leaving: Option<u32>, record: &Record) -> Load {
        let Some(slot) = leaving else {
            return Load::default();
        };
        let item = &self.old().slots[slot];
        // Who signs in is never turned away for want of room.
        if record.meta.identified && !item.identified() { Load::BOUNDLESS } else { Load::session(item.size) }
    }
}

impl Shard {
    /// Takes a session out, and leaves markers under all its keys.
    fn depart(&mut self, slot: u32, to: Key, identified: bool, now: Now) {
        let item = &self.slots[slot];
        let others: Vec<Key> = item.chain.iter().flat_map(|chain| chain.keys(now)).collect();
        let item: Item = self.remove(slot);
        let followed = item.identified() || !identified;
        for key in others.into_iter().chain([item.key()]) {
            self.mark(key, to, followed, now);
        }
    }
}

impl MemoryStorage {
    fn pair(&self, old: Tag, new: Tag) -> Pair<'_> {
        let (old, new) = (self.place(old), self.place(new));
        if old == new {
            return Pair { old: None, new: self.shards[new].lock() };
        }
        let first = self.shards[old.min(new)].lock();
        let second = self.shards[old.max(new)].lock();
        if old < new { Pair { old: Some(first), new: second } } else { Pair { old: Some(second), new: first } }
    }

    pub(super) fn privilege(&self, old: &Key, new: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        let mut pair = self.pair(old.tag(), new.tag());
        let slot = match pair.old().lead(old, now) {
            Lead::Live(_, Via::Grace) | Lead::Moved(_) => return Ok(Commit::Moved),
            Lead::Live(slot, _) => slot,
            Lead::Nothing => return Ok(Commit::Gone),
        };
        match patch.apply(&pair.old().slots[slot].record) {
            Ok(record) => pair.exchange(Some(slot), new, &record, patch.max_per_user, now),
            Err(error) => error.into_answer(),
        }
    }

    pub(super) fn restart(&self, old: &Key, new: &Key, record: &Record, now: Now) -> Result<Commit, StorageError> {
        loop {
            let target = self.target(old, now);
            let mut pair = self.pair(target.unwrap_or(*new).tag(), new.tag());
            let leaving = match target.map(|key| pair.old().lead(&key, now)) {
                Some(Lead::Live(slot, _)) => Some(slot),
                // Moved on between the two looks at it.
                Some(Lead::Moved(_)) => continue,
                Some(Lead::Nothing) | None => None,
            };
            return pair.exchange(leaving, new, record, record.max_per_user, now);
        }
    }

    /// Returns the key of the living session that a key leads to, through markers that an end follows.
    fn target(&self, key: &Key, now: Now) -> Option<Key> {
        let mut key = *key;
        loop {
            match self.shard(key.tag()).lead(&key, now) {
                Lead::Live(..) => return Some(key),
                Lead::Moved(marker) if marker.followed => key = marker.to,
                Lead::Moved(_) | Lead::Nothing => return None,
            }
        }
    }

    /// Ends the session that a key leads to, through markers that an end follows. Returns whether it lived: what expired is
    /// taken out, too, since by another clock it may live.
    pub(super) fn end(&self, key: &Key, now: Now) -> bool {
        let mut key = *key;
        loop {
            let mut shard = self.shard(key.tag());
            match shard.lead(&key, now) {
                Lead::Live(slot, _) => {
                    let item = shard.remove(slot);
                    drop(shard);
                    drop(item);
                    return true;
                }
                Lead::Moved(marker) if marker.followed => key = marker.to,
                Lead::Moved(_) => return false,
                Lead::Nothing => {
                    let expired = shard.keys.find(&shard.slots, &key);
                    let item = expired.map(|slot| shard.remove(slot));
                    drop(shard);
                    drop(item);
                    return false;
                }
            }
        }
    }

    /// Ends the session of a handle. Returns whether it lived.
    pub(super) fn end_handle(&self, handle: &Handle, now: Now) -> bool {
        let mut shard = self.shard(handle.tag());
        let Some(slot) = shard.peers.find(&shard.slots, handle) else { return false };
        let lived = shard.slots[slot].lives(now);
        let item = shard.remove(slot);
        drop(shard);
        drop(item);
        lived
    }
}
