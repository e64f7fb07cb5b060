//! Freeing what expired, and making room.

use parking_lot::Mutex;
use rocket::async_trait;

use super::MemoryStorage;
use super::shard::{Lead, Shard};
use super::slots::Item;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::storage::{SWEPT_AFTER, Sweep, Swept};
use crate::token::Key;

/// How many sessions are freed while a shard is locked.
pub(super) const BATCH: usize = 256;

/// How long ago a session expired at least when it is freed, in milliseconds.
const LATENESS: u64 = SWEPT_AFTER.as_secs() * 1000;

#[async_trait]
impl Sweep for MemoryStorage {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        for shard in &self.shards {
            let swept = shard.lock().sweep(now);
            if swept.more {
                return Ok(swept);
            }
            shard.lock().shrink();
        }
        Ok(Swept::default())
    }
}

fn free_some(shard: &Mutex<Shard>, now: Now) -> bool {
    let mut shard = shard.lock();
    let forgotten = shard.forget_names(now, BATCH);
    let (items, _) = shard.take_expired(now, BATCH);
    drop(shard);
    forgotten + items.len() > 0
}

impl Shard {
    /// Takes out some of what is over long enough ago. There is no more if it was nothing.
    fn sweep(&mut self, now: Now) -> Swept {
        let forgotten = self.forget_names(now, BATCH);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(LATENESS));
        let (items, complete) = self.take_expired(limit, BATCH);
        let more = forgotten > 0 || !items.is_empty() || !complete;
        Swept::new(items.into_iter().map(|item| item.record).collect(), more)
    }

    fn take_expired(&mut self, limit: Now, batch: usize) -> (Vec<Item>, bool) {
        let due = self.expiry.expired(&mut self.slots, limit, batch);
        (due.slots.into_iter().map(|slot| self.remove(slot)).collect(), due.complete)
    }
}

impl MemoryStorage {
    /// Frees what expired, else ends the anonymous session that would expire first, but not that of the key `kept`.
    /// Returns whether there was one.
    pub(super) fn make_room(&self, kept: &Key, now: Now) -> bool {
        self.shards.iter().any(|shard| free_some(shard, now)) || self.evict_anonymous(kept, now)
    }

    fn evict_anonymous(&self, kept: &Key, now: Now) -> bool {
        loop {
            let seconds = self.shards.iter().map(|shard| shard.lock().first_anonymous(kept, now));
            let Some((place, _)) = seconds
                .enumerate()
                .filter_map(|(place, second)| Some((place, second?)))
                .min_by_key(|(_, second)| *second)
            else {
                return false;
            };
            if self.shards[place].lock().evict_first_anonymous(kept, now) {
                return true;
            }
        }
    }
}

impl Shard {
    /// Returns the second, or an earlier one, in which the first anonymous session but that of `kept` expires.
    fn first_anonymous(&mut self, kept: &Key, now: Now) -> Option<u32> {
        let kept = self.living(kept, now);
        match self.expiry.first_anonymous(&mut self.slots, kept, BATCH) {
            Ok(place) => place.map(|(second, _)| second),
            Err(second) => Some(second),
        }
    }

    fn evict_first_anonymous(&mut self, kept: &Key, now: Now) -> bool {
        let kept = self.living(kept, now);
        match self.expiry.first_anonymous(&mut self.slots, kept, BATCH) {
            Ok(Some((_, slot))) => {
                self.remove(slot);
                true
            }
            Ok(None) | Err(_) => false,
        }
    }

    fn living(&self, key: &Key, now: Now) -> Option<u32> {
        match self.lead(key, now) {
            Lead::Live(slot, _) => Some(slot),
            Lead::Moved(_) | Lead::Nothing => None,
        }
    }
}
