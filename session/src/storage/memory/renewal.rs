//! Pending keys, and keys in grace.

use std::time::Duration;

use super::names::{Marker, Name};
use super::shard::{Lead, Shard};
use super::slots::Pending;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::Patch;
use crate::storage::{Commit, MOVED_FOR, Via};
use crate::token::{Handle, Key};

impl Shard {
    pub(super) fn renew(
        &mut self,
        old: &Key,
        new: &Key,
        patch: &Patch,
        grace: Duration,
        now: Now,
    ) -> Result<Commit, StorageError> {
        if !self.vacate(new, now) || new.tag() != old.tag() {
            return Err(StorageError::Unsupported("a renewal takes an unused key of the same tag"));
        }
        let answer = self.commit(old, patch, now)?;
        let Lead::Live(slot, Via::Current) = self.lead(old, now) else {
            return Ok(answer);
        };
        if answer != Commit::DONE || !self.issue(slot, *new, grace, now) {
            return Ok(answer);
        }
        Ok(Commit::Committed { rotated: true, evicted: Vec::new() })
    }

    /// Gives a session a pending key, unless it has a young one.
    fn issue(&mut self, slot: u32, key: Key, grace: Duration, now: Now) -> bool {
        let item = &mut self.slots[slot];
        let handle = *item.handle();
        let earlier = item.pending().copied();
        if earlier.is_some_and(|pending| pending.since.after(grace) > now) {
            return false;
        }
        item.chain_mut().pending = Some(Pending { key, since: now, grace });
        self.names.insert(key, Name::Other(handle), None);
        if let Some(pending) = earlier {
            self.mark(pending.key, key, true, now);
        }
        true
    }

    /// Makes a pending key the current one, now that it was presented.
    pub(super) fn presented(&mut self, slot: u32, via: Via, now: Now) {
        if via != Via::Pending {
            return;
        }
        let item = &mut self.slots[slot];
        let (old, handle) = (item.key(), *item.handle());
        let Some(pending) = item.chain_mut().pending.take() else {
            return;
        };
        let until = now.after(pending.grace);
        item.chain_mut().grace.push((old, until));
        self.names.remove(&pending.key, None);
        self.names.insert(old, Name::Other(handle), Some(until));
        self.keys.remove(&self.slots, slot);
        self.slots[slot].hash = *pending.key.hash();
        self.keys.insert(&self.slots, slot);
    }

    /// Leaves a marker that says where a session went.
    pub(super) fn mark(&mut self, key: Key, to: Key, followed: bool, now: Now) {
        let until = now.after(MOVED_FOR);
        self.names.insert(key, Name::Moved(Marker { to, followed, until }), Some(until));
    }

    /// Forgets keys whose grace or marker ended, no more than `batch`. Returns how many.
    pub(super) fn forget_names(&mut self, now: Now, batch: usize) -> usize {
        for forgotten in 0..batch {
            let Some((key, name)) = self.names.pop_ended(now) else {
                return forgotten;
            };
            if let Some(Name::Other(handle)) = name {
                self.forget_grace(&handle, &key);
            }
        }
        batch
    }

    fn forget_grace(&mut self, handle: &Handle, key: &Key) {
        let Some(slot) = self.peers.find(&self.slots, handle) else {
            return;
        };
        let chain = &mut self.slots[slot].chain;
        if let Some(keys) = chain {
            keys.grace.retain(|(other, _)| other != key);
        }
        if chain.as_ref().is_some_and(|chain| chain.is_empty()) {
            *chain = None;
        }
    }
}
