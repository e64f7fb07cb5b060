//! The order in which sessions expire.

use std::collections::BTreeSet;

use super::slots::Slots;
use crate::clock::{Now, Timestamp};

/// The sessions of a shard by the second in which they expire, apart for those of nobody and of somebody.
///
/// Each session waits in one place. A session that is prolonged keeps its place, and is moved when its time comes;
/// one that is shortened is moved at once.
#[derive(Default)]
pub(super) struct Expiry {
    anonymous: BTreeSet<Place>,
    identified: BTreeSet<Place>,
}

/// The second of an expiry, and the slot of the session.
type Place = (u32, u32);

/// Returns the second of a time.
pub(super) fn second(time: Timestamp) -> u32 {
    u32::try_from(time.as_millis() / 1000).unwrap_or(u32::MAX)
}

impl Expiry {
    fn queue(&mut self, identified: bool) -> &mut BTreeSet<Place> {
        if identified { &mut self.identified } else { &mut self.anonymous }
    }

    pub(super) fn insert(&mut self, slots: &mut Slots, slot: u32) {
        let item = &mut slots[slot];
        item.queued = second(item.record.meta.expires_at);
        self.queue(item.identified()).insert((item.queued, slot));
    }

    pub(super) fn remove(&mut self, slots: &Slots, slot: u32) {
        let item = &slots[slot];
        self.queue(item.identified()).remove(&(item.queued, slot));
    }

    /// Moves a session whose expiry changed from that of a session which was `identified` or not.
    pub(super) fn update(&mut self, slots: &mut Slots, slot: u32, identified: bool) {
        let item = &slots[slot];
        if item.identified() != identified || second(item.record.meta.expires_at) < item.queued {
            self.queue(identified).remove(&(item.queued, slot));
            self.insert(slots, slot);
        }
    }

    /// Returns some sessions that expired before `limit`, having looked at no more than `batch` places.
    pub(super) fn expired(&mut self, slots: &mut Slots, limit: Now, batch: usize) -> Batch {
        let mut due = Batch { slots: Vec::new(), complete: true };
        for identified in [false, true] {
            self.expired_of(identified, slots, limit, batch, &mut due);
        }
        due
    }

    fn expired_of(&mut self, identified: bool, slots: &mut Slots, limit: Now, batch: usize, due: &mut Batch) {
        let places: Vec<Place> =
            self.queue(identified).range(..=(second(limit), u32::MAX)).take(batch).copied().collect();
        let mut handled = 0;
        for place @ (queued, slot) in places {
            let expires_at = slots[slot].record.meta.expires_at;
            if expires_at <= limit {
                due.slots.push(slot);
            } else if second(expires_at) > queued {
                self.queue(identified).remove(&place);
                self.insert(slots, slot);
            } else {
                continue;
            }
            handled += 1;
        }
        due.complete &= handled < batch;
    }

    /// Returns the anonymous session that expires first, but for `kept`, and its second; [`Err`] if that could not be
    /// told without looking at more than `batch` places.
    pub(super) fn first_anonymous(
        &mut self,
        slots: &mut Slots,
        kept: Option<u32>,
        batch: usize,
    ) -> Result<Option<Place>, u32> {
        for _ in 0..batch {
            let mut others = self.anonymous.iter().filter(|(_, slot)| Some(*slot) != kept);
            let Some(place) = others.next().copied() else { return Ok(None) };
            if second(slots[place.1].record.meta.expires_at) == place.0 {
                return Ok(Some(place));
            }
            self.anonymous.remove(&place);
            self.insert(slots, place.1);
        }
        Err(self.anonymous.first().map_or(u32::MAX, |place| place.0))
    }
}

/// Sessions that expired.
pub(super) struct Batch {
    pub(super) slots: Vec<u32>,
    /// Whether there are no more.
    pub(super) complete: bool,
}
