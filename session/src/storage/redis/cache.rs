//! Sessions as they were read last: who reads the same bytes again need not read them anew.
//!
//! Nothing is believed of a session but what the server just said of it; what is kept says only what that means.

use std::sync::Arc;

use parking_lot::Mutex;

use super::pack::replaced;
use crate::record::{FieldPatch, FieldText, Meta, Patch, Record};
use crate::token::Key;

/// The most bytes that a session is kept of.
const LARGEST: usize = 2048;

/// Sessions by their keys. Of two in the same place, the one that was read last is kept.
pub(super) struct Cache {
    places: Box<[Mutex<Option<Box<Entry>>>]>,
}

struct Entry {
    key: Key,
    /// What the server said, with the epoch in which that was a living session.
    answer: Vec<u8>,
    epoch: Option<String>,
    record: Arc<Record>,
}

impl Cache {
    /// Returns places for so many sessions.
    pub(super) fn new(sessions: usize) -> Self {
        Self { places: (0..sessions).map(|_| Mutex::new(None)).collect() }
    }

    /// Returns the living session that an answer is, unless it expired meanwhile, if the same was read before.
    pub(super) fn get(&self, key: &Key, epoch: Option<&str>, answer: &[u8]) -> Option<Arc<Record>> {
        let place = self.place(key)?.lock();
        let entry = place.as_ref().filter(|entry| entry.answer == answer && entry.epoch.as_deref() == epoch)?;
        Some(entry.record.clone())
    }

    /// Takes note of the living session that an answer is.
    pub(super) fn put(&self, key: &Key, epoch: Option<&str>, answer: &[u8], record: &Arc<Record>) {
        let Some(place) = self.place(key).filter(|_| answer.len() <= LARGEST) else { return };
        let entry =
            Entry { key: *key, answer: answer.to_vec(), epoch: epoch.map(str::to_owned), record: record.clone() };
        let before = place.lock().replace(Box::new(entry));
        drop(before);
    }

    /// Takes note of a patch that was applied. What the server will say next is guessed: where others changed the
    /// session meanwhile it says something else, and that is read.
    pub(super) fn change(&self, key: &Key, patch: &Patch) {
        let Some(place) = self.place(key) else { return };
        let Some(mut entry) = place.lock().take_if(|entry| entry.key == *key) else { return };
        // What runs the application's code runs without the lock.
        if entry.change(patch).is_some() {
            let before = place.lock().replace(entry);
            drop(before);
        }
    }

    /// Forgets a session that was ended.
    pub(super) fn forget(&self, key: &Key) {
        if let Some(place) = self.place(key) {
            let before = place.lock().take_if(|entry| entry.key == *key);
            drop(before);
        }
    }

    fn place(&self, key: &Key) -> Option<&Mutex<Option<Box<Entry>>>> {
        let [first, second, third, fourth, ..] = *key.hash();
        let number = u32::from_le_bytes([first, second, third, fourth]) as usize;
        self.places.get(number.checked_rem(self.places.len())?)
    }
}

impl Entry {
    /// Applies a patch, if it only sets fields that there are.
    fn change(&mut self, patch: &Patch) -> Option<()> {
        let FieldPatch { expect: _, init, set, remove, take, add, entries } = patch.fields().ok()?;
        let only_sets = init.is_empty() && remove.is_empty() && take.is_empty() && add.is_empty() && entries.is_empty();
        if !only_sets || !patch.meta.is_empty() {
            return None;
        }
        let meta = Meta { version: self.record.meta.version + 1, ..self.record.meta.clone() };
        let mut digits = itoa::Buffer::new();
        let mut texts: Vec<(&str, &str)> = Vec::with_capacity(set.len() + 1);
        texts.push(("@version", digits.format(meta.version)));
        for (name, text) in set {
            match text {
                FieldText::Json(json) => texts.push((name, json)),
                FieldText::Entries(_) => return None,
            }
        }
        let record = self.record.with_texts(meta, set)?;
        self.answer = replaced(&self.answer, &texts).filter(|answer| answer.len() <= LARGEST)?;
        self.record = Arc::new(record);
        Some(())
    }
}
