//! Slots by the sessions' tags.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::slots::{NONE, Slots};
use crate::token::{Handle, Tag};

/// The sessions of each tag, as lists through their slots.
#[derive(Default)]
pub(super) struct Peers {
    heads: HashTable<u32>,
    // The tag of an identifier can be computed by who chooses the identifier, so it is hashed with a seed.
    hasher: DefaultHashBuilder,
}

impl Peers {
    /// Returns the slots of all sessions of a tag.
    pub(super) fn of<'s>(&self, slots: &'s Slots, tag: Tag) -> impl Iterator<Item = u32> + 's {
        let head = self.heads.find(self.hasher.hash_one(tag), |head| slots[*head].handle().tag() == tag).copied();
        std::iter::successors(head, |slot| Some(slots[*slot].next).filter(|next| *next != NONE))
    }

    pub(super) fn find(&self, slots: &Slots, handle: &Handle) -> Option<u32> {
        self.of(slots, handle.tag()).find(|slot| slots[*slot].handle() == handle)
    }

    pub(super) fn insert(&mut self, slots: &mut Slots, slot: u32) {
        let tag = slots[slot].handle().tag();
        let hash = self.hasher.hash_one(tag);
        let Some(head) = self.heads.find_mut(hash, |head| slots[*head].handle().tag() == tag) else {
            let hasher = |slot: &u32| self.hasher.hash_one(slots[*slot].handle().tag());
            self.heads.insert_unique(hash, slot, hasher);
            return;
        };
        slots[*head].previous = slot;
        slots[slot].next = std::mem::replace(head, slot);
    }

    pub(super) fn remove(&mut self, slots: &mut Slots, slot: u32) {
        let (previous, next) = (slots[slot].previous, slots[slot].next);
        if next != NONE {
            slots[next].previous = previous;
        }
        if previous == NONE {
            self.behead(slots, slot, next);
        } else {
            slots[previous].next = next;
        }
        (slots[slot].previous, slots[slot].next) = (NONE, NONE);
    }

    fn behead(&mut self, slots: &Slots, slot: u32, next: u32) {
        let hash = self.hasher.hash_one(slots[slot].handle().tag());
        if let Ok(mut entry) = self.heads.find_entry(hash, |head| *head == slot) {
            if next == NONE {
                entry.remove();
            } else {
                *entry.get_mut() = next;
            }
        }
    }
}
