//! The cookies opened a moment ago.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use parking_lot::Mutex;
use subtle::ConstantTimeEq;

use super::LENGTH;
use crate::token::Key;

const SLOTS: u64 = 1024;

type Slot = Mutex<Option<([u8; LENGTH], Key)>>;

/// A table of texts that opened, each with what it opened to.
///
/// A text has one slot, found by a keyed hash, and takes it from whichever text was there.
pub(super) struct Opened {
    hasher: DefaultHashBuilder,
    slots: Box<[Slot]>,
}

impl Opened {
    pub(super) fn new() -> Self {
        Self { hasher: DefaultHashBuilder::default(), slots: (0..SLOTS).map(|_| Slot::default()).collect() }
    }

    pub(super) fn get(&self, text: &[u8; LENGTH]) -> Option<Key> {
        let slot = self.slot(text).lock();
        let (opened, key) = slot.as_ref()?;
        same(text, opened).then_some(*key)
    }

    /// Enters a text that opened; only such may be entered.
    pub(super) fn put(&self, text: &[u8; LENGTH], key: Key) {
        *self.slot(text).lock() = Some((*text, key));
    }

    fn slot(&self, text: &[u8; LENGTH]) -> &Slot {
        // Eight characters of the nonce: as good as the whole text, since only what was sealed here is entered.
        let nonce = u64::from_ne_bytes(text.as_chunks().0[1]);
        let hash = self.hasher.hash_one(nonce);
        &self.slots[(hash % SLOTS) as usize]
    }
}

/// Compares in a time that does not depend on the texts.
///
/// Folded first, because `subtle` puts a barrier around each byte of a slice: ten times the work.
fn same(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> bool {
    let difference = one.iter().zip(other).fold(0, |difference, (one, other)| difference | (one ^ other));
    difference.ct_eq(&0).into()
}
