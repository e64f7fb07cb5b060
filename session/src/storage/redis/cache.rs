//! Sessions as they were read last: of what a server says next, only what differs is read.
//!
//! Nothing is believed of a session but what the server just said of it; what is kept says only what that means.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::pack::differences;
use super::record::PRESENT;
use crate::clock::Timestamp;
use crate::record::{Meta, Record};
use crate::token::Key;

/// The most bytes of an answer that is kept.
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

/// What is kept of an answer.
enum Kept<'a> {
    /// That the same was read before.
    Same(Arc<Record>),
    /// What was read before, and the names and texts in which this differs.
    Like(Arc<Record>, Vec<(&'a [u8], &'a [u8])>),
}

impl Cache {
    /// Returns places for so many sessions.
    pub(super) fn new(sessions: usize) -> Self {
        Self { places: (0..sessions).map(|_| Mutex::new(None)).collect() }
    }

    /// Returns the session that an answer is, unless it must be read as a whole; it was alive then, but for its expiry.
    pub(super) fn get(&self, key: &Key, epoch: Option<&str>, answer: &[u8]) -> Option<Arc<Record>> {
        match self.kept(key, epoch, answer)? {
            Kept::Same(record) => Some(record),
            // Without the lock, since the application's code reads. If that panics, the whole is to be read, and does so
            // where it always did.
            Kept::Like(before, differences) => {
                let changed = catch_unwind(AssertUnwindSafe(|| changed(&before, &differences)));
                let record = Arc::new(changed.ok().flatten()?);
                self.put(key, epoch, answer, &record);
                Some(record)
            }
        }
    }

    fn kept<'a>(&self, key: &Key, epoch: Option<&str>, answer: &'a [u8]) -> Option<Kept<'a>> {
        let place = self.place(key)?.lock();
        let entry = place.as_ref().filter(|entry| entry.key == *key && entry.epoch.as_deref() == epoch)?;
        if entry.answer == answer {
            return Some(Kept::Same(entry.record.clone()));
        }
        Some(Kept::Like(entry.record.clone(), differences(&entry.answer, answer)?))
    }

    /// Takes note of the living session that an answer is.
    pub(super) fn put(&self, key: &Key, epoch: Option<&str>, answer: &[u8], record: &Arc<Record>) {
        if answer.len() > LARGEST {
            self.forget(key);
            return;
        }
        let Some(place) = self.place(key) else { return };
        let entry =
            Entry { key: *key, answer: answer.to_vec(), epoch: epoch.map(str::to_owned), record: record.clone() };
        let before = place.lock().replace(Box::new(entry));
        // Without the lock, since the application's code drops.
        drop(before);
    }

    /// Forgets a session that does not live under this key.
    pub(super) fn forget(&self, key: &Key) {
        let Some(place) = self.place(key) else { return };
        let before = place.lock().take_if(|entry| entry.key == *key);
        drop(before);
    }

    fn place(&self, key: &Key) -> Option<&Mutex<Option<Box<Entry>>>> {
        let [first, second, third, fourth, ..] = *key.hash();
        let number = u32::from_le_bytes([first, second, third, fourth]) as usize;
        self.places.get(number.checked_rem(self.places.len())?)
    }
}

/// Returns a session with other texts, if these are of fields that can be read by themselves, or say when it was used.
fn changed(record: &Record, differences: &[(&[u8], &[u8])]) -> Option<Record> {
    let mut meta = record.meta.clone();
    let mut texts = Vec::with_capacity(differences.len());
    for (name, text) in differences {
        let (name, text) = (str::from_utf8(name).ok()?, str::from_utf8(text).ok()?);
        if name.starts_with('@') {
            change(&mut meta, name, text)?;
        } else if text == PRESENT || name.contains('/') {
            return None;
        } else {
            texts.push((name, text));
        }
    }
    record.with_texts(meta, &texts)
}

/// Changes what uses and commits change.
fn change(meta: &mut Meta, name: &str, text: &str) -> Option<()> {
    match name {
        "@version" => meta.version = text.parse().ok()?,
        "@newborn" => meta.newborn = text.parse().ok()?,
        "@seen_at" => meta.seen_at = Timestamp::from_millis(text.parse().ok()?),
        "@expires_at" => meta.expires_at = Timestamp::from_millis(text.parse().ok()?),
        "@ttl" => meta.ttl = Some(Duration::from_millis(text.parse().ok()?)),
        _ => return None,
    }
    Some(())
}
