//! One session of a ledger, its keys, and the marks of those it had.

use std::time::Duration;

use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Fields, Meta, Record};
use crate::storage::Via;
use crate::token::{Identity, Key};

#[derive(Clone)]
pub(super) struct Stored {
    pub(super) key: Key,
    pub(super) pending: Option<Pending>,
    pub(super) grace: Vec<(Key, Timestamp)>,
    pub(super) meta: Meta,
    pub(super) fields: Fields,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) key: Key,
    pub(super) since: Timestamp,
    pub(super) grace: Duration,
}

#[derive(Debug, Clone)]
pub(super) struct Marker {
    pub(super) to: Key,
    pub(super) followed: bool,
    pub(super) until: Timestamp,
}

impl Stored {
    pub(super) fn new(key: Key, record: &Record) -> Result<Self, StorageError> {
        let fields = Fields::clone(record.fields()?);
        Ok(Self { key, pending: None, grace: Vec::new(), meta: record.meta.clone(), fields })
    }

    pub(super) fn record(&self) -> Record {
        Record::new(self.meta.clone(), self.fields.clone())
    }

    pub(super) fn lives(&self, now: Now) -> bool {
        self.meta.expires_at > now
    }

    pub(super) fn via(&self, key: &Key, now: Now) -> Option<Via> {
        if self.key == *key {
            Some(Via::Current)
        } else if self.pending.is_some_and(|pending| pending.key == *key) {
            Some(Via::Pending)
        } else {
            self.grace.iter().any(|(other, until)| other == key && *until > now).then_some(Via::Grace)
        }
    }

    pub(super) fn belongs_to(&self, identity: &Identity) -> bool {
        self.meta.identified && self.meta.handle.tag() == identity.tag()
    }

    pub(super) fn is_of(&self, identity: &Identity, now: Now) -> bool {
        self.lives(now) && self.belongs_to(identity)
    }

    /// Makes a pending key the current one, now that it was presented.
    pub(super) fn presented(&mut self, via: Via, now: Now) {
        if let Some(pending) = self.pending.take_if(|_| via == Via::Pending) {
            self.grace.push((self.key, now.after(pending.grace)));
            self.key = pending.key;
        }
    }
}
