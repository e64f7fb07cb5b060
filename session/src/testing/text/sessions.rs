//! The steps that the storage of texts makes under its lock.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Fields, Meta, Patch, Record};
use crate::storage::{Commit, MOVED_FOR, Via};
use crate::token::{Handle, Identity, Key};

#[derive(Debug, Default)]
pub(super) struct Sessions {
    pub(super) list: Vec<Stored>,
    pub(super) markers: HashMap<Key, Marker>,
}

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) key: Key,
    pending: Option<Pending>,
    grace: Vec<(Key, Timestamp)>,
    pub(super) meta: Meta,
    fields: Fields,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    key: Key,
    since: Timestamp,
    grace: Duration,
}

#[derive(Debug)]
pub(super) struct Marker {
    to: Key,
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

    fn via(&self, key: &Key, now: Now) -> Option<Via> {
        if self.key == *key {
            Some(Via::Current)
        } else if self.pending.is_some_and(|pending| pending.key == *key) {
            Some(Via::Pending)
        } else {
            self.grace.iter().any(|(other, until)| other == key && *until > now).then_some(Via::Grace)
        }
    }

    pub(super) fn is_of(&self, identity: &Identity, now: Now) -> bool {
        self.lives(now) && self.meta.identified && self.meta.handle.tag() == identity.tag()
    }

    /// Makes a pending key the current one, now that it was presented.
    pub(super) fn presented(&mut self, via: Via, now: Now) {
        if let Some(pending) = self.pending.take_if(|_| via == Via::Pending) {
            self.grace.push((self.key, now.after(pending.grace)));
            self.key = pending.key;
        }
    }
}

impl Sessions {
    /// Returns where the living session of a key is, or why there is none.
    pub(super) fn find(&self, key: &Key, now: Now) -> Result<(usize, Via), Commit> {
        let mut living = self.list.iter().enumerate().filter(|(_, session)| session.lives(now));
        let found = living.find_map(|(at, session)| Some((at, session.via(key, now)?)));
        let moved = self.markers.get(key).is_some_and(|marker| marker.until > now);
        found.ok_or(if moved { Commit::Moved } else { Commit::Gone })
    }

    /// Returns where the session that a key leads to is, through markers that `follow` accepts.
    pub(super) fn resolve(&self, key: &Key, now: Now, follow: impl Fn(&Marker) -> bool) -> Option<usize> {
        let mut key = *key;
        loop {
            match self.find(&key, now) {
                Ok((at, _)) => return Some(at),
                Err(Commit::Moved) => key = self.markers.get(&key).filter(|marker| follow(marker))?.to,
                Err(_) => return None,
            }
        }
    }

    pub(super) fn patch(&mut self, at: usize, patch: &Patch) -> Result<Commit, StorageError> {
        let session = &mut self.list[at];
        let mut fields = session.fields.clone();
        if let Err(field) = patch.fields()?.apply(&mut fields) {
            return Ok(Commit::Conflict(field));
        }
        session.fields = fields;
        patch.meta.apply(&mut session.meta);
        session.meta.version += 1;
        Ok(Commit::DONE)
    }

    /// Ends those of the same identity that were seen longest ago, if they are too many with a new one.
    fn evict(&mut self, handle: &Handle, max: Option<NonZeroU32>, now: Now) -> Vec<Handle> {
        let tag = handle.tag();
        let is_other = |session: &&Stored| {
            session.lives(now)
                && session.meta.identified
                && session.meta.handle.tag() == tag
                && session.meta.handle != *handle
        };
        let mut others: Vec<&Meta> = self.list.iter().filter(is_other).map(|session| &session.meta).collect();
        others.sort_by_key(|meta| (meta.seen_at, meta.created_at, meta.handle));
        let surplus = max.map_or(0, |max| (others.len() + 1).saturating_sub(max.get() as usize));
        let evicted: Vec<Handle> = others.into_iter().take(surplus).map(|meta| meta.handle).collect();
        self.list.retain(|session| !evicted.contains(&session.meta.handle));
        evicted
    }

    /// Takes every key away from a session, and leaves markers under them.
    fn depart(&mut self, at: usize, to: Key, followed: bool, now: Now) {
        let session = &mut self.list[at];
        let others = session.pending.take().map(|pending| pending.key);
        let keys = session
            .grace
            .drain(..)
            .filter(|(_, until)| *until > now)
            .map(|(key, _)| key)
            .chain(others)
            .chain([session.key]);
        for key in keys {
            self.markers.insert(key, Marker { to, followed, until: now.after(MOVED_FOR) });
        }
    }

    pub(super) fn privilege(&mut self, old: &Key, new: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        let at = match self.find(old, now) {
            Ok((_, Via::Grace)) => return Ok(Commit::Moved),
            Ok((at, _)) => at,
            Err(answer) => return Ok(answer),
        };
        let was_identified = self.list[at].meta.identified;
        let answer = self.patch(at, patch)?;
        if answer != Commit::DONE {
            return Ok(answer);
        }
        let Meta { handle, identified, .. } = self.list[at].meta;
        self.depart(at, *new, was_identified || !identified, now);
        self.list[at].key = *new;
        let max = patch.max_per_user.filter(|_| identified);
        Ok(Commit::Committed { rotated: true, evicted: self.evict(&handle, max, now) })
    }

    pub(super) fn renew(
        &mut self,
        old: &Key,
        new: &Key,
        patch: &Patch,
        grace: Duration,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let (at, via) = match self.find(old, now) {
            Ok(found) => found,
            Err(answer) => return Ok(answer),
        };
        let answer = self.patch(at, patch)?;
        if answer != Commit::DONE {
            return Ok(answer);
        }
        let session = &mut self.list[at];
        session.presented(via, now);
        let young = session.pending.is_some_and(|pending| pending.since.after(grace) > now);
        if young || via == Via::Grace {
            return Ok(Commit::DONE);
        }
        if let Some(late) = session.pending.replace(Pending { key: *new, since: now, grace }) {
            self.markers.insert(late.key, Marker { to: *new, followed: true, until: now.after(MOVED_FOR) });
        }
        Ok(Commit::Committed { rotated: true, evicted: Vec::new() })
    }

    pub(super) fn restart(&mut self, old: &Key, new: &Key, record: &Record, now: Now) -> Result<Commit, StorageError> {
        let session = Stored::new(*new, record)?;
        if let Some(at) = self.resolve(old, now, |_| true) {
            let followed = self.list[at].meta.identified || !record.meta.identified;
            self.depart(at, *new, followed, now);
            self.list.remove(at);
        }
        let evicted = self.add(session, record.max_per_user, now);
        Ok(Commit::Committed { rotated: true, evicted })
    }

    pub(super) fn add(&mut self, session: Stored, max: Option<NonZeroU32>, now: Now) -> Vec<Handle> {
        let evicted = self.evict(&session.meta.handle, max.filter(|_| session.meta.identified), now);
        self.list.push(session);
        evicted
    }
}
