//! The streams of this process that stay open while their session lives.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rocket::tokio::sync::Notify;

use crate::token::{Handle, Key, Tag};

/// The sessions that streams watch, by their tags.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// How many there are: while there are none, nobody looks for them.
    open: AtomicUsize,
    watched: Mutex<HashMap<Tag, Vec<Arc<Watched>>>>,
}

/// A session that one stream watches.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) handle: Handle,
    /// Its key, as far as this process knows.
    key: Mutex<Option<Key>>,
    /// Told when it may have ended.
    pub(crate) stirred: Notify,
}

impl Watched {
    pub(crate) fn key(&self) -> Option<Key> {
        *self.key.lock()
    }
}

impl Streams {
    /// Enters a session that a stream watches.
    pub(crate) fn watch(&self, handle: Handle, key: Option<Key>) -> Arc<Watched> {
        let watched = Arc::new(Watched { handle, key: Mutex::new(key), stirred: Notify::new() });
        self.watched.lock().entry(handle.tag()).or_default().push(watched.clone());
        self.open.fetch_add(1, Ordering::SeqCst);
        watched
    }

    /// Forgets a session that a stream watched.
    pub(crate) fn leave(&self, watched: &Arc<Watched>) {
        let tag = watched.handle.tag();
        let mut all = self.watched.lock();
        if let Some(others) = all.get_mut(&tag) {
            others.retain(|other| !Arc::ptr_eq(other, watched));
            if others.is_empty() {
                all.remove(&tag);
            }
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    /// Has the streams look whose sessions bear a tag: one of those may have ended.
    pub(crate) fn stir(&self, tag: Tag) {
        self.each(|watched| watched.get(&tag).into_iter().flatten().for_each(|watched| watched.stirred.notify_one()));
    }

    /// Has all streams look.
    pub(crate) fn stir_all(&self) {
        self.each(|watched| watched.values().flatten().for_each(|watched| watched.stirred.notify_one()));
    }

    /// Takes note that a session has another key.
    pub(crate) fn rekey(&self, handle: Handle, key: Key) {
        self.each(|watched| {
            let own = watched.get(&handle.tag()).into_iter().flatten().filter(|watched| watched.handle == handle);
            own.for_each(|watched| *watched.key.lock() = Some(key));
        });
    }

    fn each(&self, then: impl FnOnce(&HashMap<Tag, Vec<Arc<Watched>>>)) {
        if self.open.load(Ordering::SeqCst) > 0 {
            then(&self.watched.lock());
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.watched.lock().is_empty() && self.open.load(Ordering::SeqCst) == 0
    }
}
