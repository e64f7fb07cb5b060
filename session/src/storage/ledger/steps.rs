//! The steps of which a ledger's operations are made.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Ledger;
use super::stored::{Marker, Pending, Stored};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Meta, Patch, Record};
use crate::storage::{Commit, MOVED_FOR, Via};
use crate::token::{Handle, Key};

impl Ledger {
    /// Returns where the living session of a key is, or why there is none.
    pub(super) fn lookup(&self, key: &Key, now: Now) -> Result<(usize, Via), Commit> {
        let mut living = self.list.iter().enumerate().filter(|(_, session)| session.lives(now));
        let found = living.find_map(|(at, session)| Some((at, session.via(key, now)?)));
        let moved = self.markers.get(key).is_some_and(|marker| marker.until > now);
        found.ok_or(if moved { Commit::Moved } else { Commit::Gone })
    }

    /// Returns where the session that an end of a key ends is, through the markers that it follows.
    pub(super) fn resolve(&self, key: &Key, now: Now) -> Option<usize> {
        let mut key = *key;
        loop {
            match self.lookup(&key, now) {
                Ok((at, _)) => return Some(at),
                Err(Commit::Moved) => key = self.markers.get(&key).filter(|marker| marker.followed)?.to,
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
        let at = match self.lookup(old, now) {
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
        let (at, via) = match self.lookup(old, now) {
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
        if let Some(at) = self.resolve(old, now) {
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
