//! What the steps of a run name: keys, handles and records, by how many there were before.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use rocket_typed_session::record::{FieldPatch, Meta, MetaPatch, Patch, Record, Seen};
use rocket_typed_session::storage::Rotation;
use rocket_typed_session::testing::{TestClock, patch_of, record_of};
use rocket_typed_session::{Handle, Key, Tag};

use super::call::Call;
use super::step::Step;
use crate::user::{Edit, User, identity, meta};

/// How many of the last keys are of interest.
const RECENT: usize = 8;

/// What the steps of a run name.
#[derive(Default)]
pub(super) struct Names {
    pub(super) clock: TestClock,
    pub(super) keys: Vec<Key>,
    pub(super) handles: Vec<Handle>,
    pub(super) loaded: Vec<Arc<Record>>,
    drawn: u64,
}

impl Names {
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let tag = identity(0).tag();
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        bytes[16..].copy_from_slice(tag.as_bytes());
        bytes
    }

    fn tag(&mut self, owner: Option<u8>) -> Tag {
        let drawn = self.draw();
        let mut random = [0; 16];
        random.copy_from_slice(&drawn[..16]);
        owner.map_or(Tag::from_bytes(random), |owner| identity(owner).tag())
    }

    fn key(&mut self, tag: Tag) -> Key {
        let key = Key::new(tag, self.draw());
        self.keys.push(key);
        key
    }

    fn handle(&mut self, tag: Tag) -> Handle {
        let mut bytes = self.draw();
        bytes.copy_within(..16, 16);
        bytes[..16].copy_from_slice(tag.as_bytes());
        let handle = Handle::from_bytes(bytes);
        self.handles.push(handle);
        handle
    }

    /// Returns the keys of interest.
    pub(super) fn recent(&self) -> &[Key] {
        &self.keys[self.keys.len().saturating_sub(RECENT)..]
    }

    pub(super) fn known(&self, index: usize) -> Option<Key> {
        self.recent().get(index.checked_rem(self.recent().len())?).copied()
    }

    fn named(&self, index: usize) -> Option<Handle> {
        self.handles.get(index.checked_rem(self.handles.len())?).copied()
    }

    fn record(&mut self, owner: Option<u8>, user: User, cap: Option<u32>, minutes: u64) -> (Key, Record) {
        let tag = self.tag(owner);
        let (key, handle, now) = (self.key(tag), self.handle(tag), self.clock.timestamp());
        let meta = meta(handle, owner.is_some(), now, now.after(Duration::from_secs(60 * minutes)));
        let mut record = record_of(meta, user);
        record.max_per_user = cap.and_then(NonZeroU32::new);
        (key, record)
    }

    /// Returns the patch of a request that loaded a session some time ago.
    fn patch(&self, meta: MetaPatch, loaded: usize, edits: &[Edit]) -> Patch {
        let edit = |user: &mut User| edits.iter().for_each(|edit| edit.apply(user));
        let recent = &self.loaded[self.loaded.len().saturating_sub(4)..];
        let loaded = loaded.checked_rem(recent.len()).map(|index| recent[index].clone());
        let patch = |record: &Record| patch_of(meta.clone(), record, &[], edit);
        // Random users are not whom their records belong to, and are read as nobody's.
        let nobodys = |record: &Record| record.with_meta(Meta { identified: false, ..record.meta.clone() });
        loaded.map_or_else(Patch::default, |record| patch(&record).or_else(|| patch(&nobodys(&record))).unwrap())
    }

    fn seen(&self, minutes: u64) -> Seen {
        let now = self.clock.timestamp();
        Seen { at: now, expires_at: now.after(Duration::from_secs(60 * minutes)), client: None }
    }

    /// Returns what lets a session end so late, and no later.
    fn ends(&self, minutes: u64) -> MetaPatch {
        let seen = self.seen(minutes);
        let end = Some(seen.expires_at);
        MetaPatch { seen: Some(seen), deadline: end, expires_at: end, ..MetaPatch::default() }
    }

    /// Returns the operation that a step is; none if what it names is not there, or it changes nothing.
    pub(super) fn call(&mut self, step: Step) -> Option<Call> {
        Some(match step {
            Step::Create { owner, user, cap, minutes } => {
                let (key, record) = self.record(owner, user, cap, minutes);
                Call::Create { key, record }
            }
            Step::Commit { key, loaded, edits, touch } => {
                let meta = MetaPatch { seen: touch.then(|| self.seen(10)), ..MetaPatch::default() };
                Call::Commit { key: self.known(key)?, patch: self.patch(meta, loaded, &edits) }
            }
            Step::Privilege { key, loaded, edits } => {
                let old = self.known(key)?;
                let (new, patch) = (self.key(old.tag()), self.patch(MetaPatch::default(), loaded, &edits));
                Call::Rotate { old, new, patch, how: Rotation::Privilege }
            }
            Step::Remember { key, minutes } => {
                let meta = MetaPatch { ttl: Some(Duration::from_secs(60 * minutes)), ..self.ends(minutes) };
                Call::Commit { key: self.known(key)?, patch: Patch::new(meta, FieldPatch::default()) }
            }
            Step::Prove { key, minutes } => {
                let old = self.known(key)?;
                let meta = MetaPatch { authenticated_at: Some(self.clock.timestamp()), ..self.ends(minutes) };
                let patch = Patch::new(meta, FieldPatch::default());
                Call::Rotate { old, new: self.key(old.tag()), patch, how: Rotation::Privilege }
            }
            Step::SignIn { key, owner, cap } => {
                let (old, tag) = (self.known(key)?, identity(owner).tag());
                let (new, handle) = (self.key(tag), self.handle(tag));
                let meta = MetaPatch { handle: Some(handle), identified: Some(true), ..MetaPatch::default() };
                let mut patch = Patch::new(meta, FieldPatch::default());
                patch.max_per_user = cap.and_then(NonZeroU32::new);
                Call::Rotate { old, new, patch, how: Rotation::Privilege }
            }
            Step::Renew { key, seconds } => {
                let old = self.known(key)?;
                let how = Rotation::Renewal { grace: Duration::from_secs(seconds) };
                Call::Rotate { old, new: self.key(old.tag()), patch: Patch::default(), how }
            }
            Step::Restart { key, owner, user, cap } => {
                let old = self.known(key)?;
                let (new, record) = self.record(owner, user, cap, 10);
                Call::Rotate { old, new, patch: Patch::default(), how: Rotation::Restart(record) }
            }
            Step::Touch { key, minutes } => Call::Touch { key: self.known(key)?, seen: self.seen(minutes) },
            Step::Delete { key } => Call::Delete { key: self.known(key)? },
            Step::DeleteHandle { handle } => Call::DeleteHandle { handle: self.named(handle)? },
            Step::DeleteAll { owner, except } => {
                let except = except.and_then(|except| self.named(except));
                Call::DeleteAll { identity: identity(owner), except }
            }
            Step::DeleteEveryone => Call::DeleteEveryone,
            Step::Sweep => Call::Sweep,
            Step::Load { .. } | Step::Wait { .. } => return None,
        })
    }
}
