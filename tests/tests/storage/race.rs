//! Random operations on a storage, and on the one of texts as its model.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use rocket_typed_session::record::{Fields, Meta, MetaPatch, Patch, Record, Seen};
use rocket_typed_session::storage::{Loaded, Rotation, SessionStorage, Via};
use rocket_typed_session::testing::{TestClock, TextStorage, patch_of, record_of};
use rocket_typed_session::{Handle, Key, Tag};
use serde_json::Value;

use crate::user::{Edit, User, edits, identity, meta, user};

/// An operation; keys, records and handles are named by how many there were before them.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create { owner: Option<u8>, user: User, cap: Option<u32>, minutes: u64 },
    Load { key: usize },
    Commit { key: usize, loaded: usize, edits: Vec<Edit>, touch: bool },
    Privilege { key: usize, loaded: usize, edits: Vec<Edit> },
    SignIn { key: usize, owner: u8, cap: Option<u32> },
    Renew { key: usize, seconds: u64 },
    Restart { key: usize, owner: Option<u8>, user: User, cap: Option<u32> },
    Touch { key: usize, minutes: u64 },
    Delete { key: usize },
    DeleteHandle { handle: usize },
    DeleteAll { owner: u8, except: Option<usize> },
    DeleteEveryone,
    Sweep,
    Wait { seconds: u64 },
}

fn owner() -> impl Strategy<Value = u8> {
    0..3_u8
}

fn cap() -> impl Strategy<Value = Option<u32>> {
    proptest::option::of(1..4_u32)
}

fn maybe() -> impl Strategy<Value = Option<u8>> {
    proptest::option::weighted(0.7, owner())
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let (key, loaded) = (any::<prop::sample::Index>().prop_map(|index| index.index(usize::MAX)), 0..1000_usize);
    let key = key.boxed();
    prop_oneof![
        4 => (maybe(), user(), cap(), 1..20_u64)
            .prop_map(|(owner, user, cap, minutes)| Step::Create { owner, user, cap, minutes }),
        4 => key.clone().prop_map(|key| Step::Load { key }),
        6 => (key.clone(), loaded.clone(), edits(), any::<bool>())
            .prop_map(|(key, loaded, edits, touch)| Step::Commit { key, loaded, edits, touch }),
        3 => (key.clone(), loaded, edits()).prop_map(|(key, loaded, edits)| Step::Privilege { key, loaded, edits }),
        3 => (key.clone(), owner(), cap()).prop_map(|(key, owner, cap)| Step::SignIn { key, owner, cap }),
        4 => (key.clone(), 1..40_u64).prop_map(|(key, seconds)| Step::Renew { key, seconds }),
        3 => (key.clone(), maybe(), user(), cap())
            .prop_map(|(key, owner, user, cap)| Step::Restart { key, owner, user, cap }),
        4 => (key.clone(), 1..20_u64).prop_map(|(key, minutes)| Step::Touch { key, minutes }),
        2 => key.clone().prop_map(|key| Step::Delete { key }),
        1 => key.clone().prop_map(|handle| Step::DeleteHandle { handle }),
        1 => (owner(), proptest::option::of(key)).prop_map(|(owner, except)| Step::DeleteAll { owner, except }),
        1 => Just(Step::DeleteEveryone),
        2 => Just(Step::Sweep),
        4 => prop_oneof![1..40_u64, 60..1200_u64].prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// Both storages, and what the steps name.
pub(crate) struct Race {
    ours: Arc<dyn SessionStorage>,
    text: TextStorage,
    pub(crate) clock: TestClock,
    keys: Vec<Key>,
    handles: Vec<Handle>,
    loaded: Vec<Arc<Record>>,
    drawn: u64,
}

type Values = Vec<(String, Value)>;

fn comparable(loaded: &Loaded) -> Option<(Meta, Values, Via)> {
    match loaded {
        Loaded::Live { record, via } => Some((record.meta.clone(), values(record.fields().unwrap()), *via)),
        _ => None,
    }
}

fn values(fields: &Fields) -> Values {
    fields.iter().map(|(name, text)| (name.clone(), serde_json::from_str(&text.json()).unwrap())).collect()
}

impl Race {
    pub(crate) fn new(ours: Arc<dyn SessionStorage>) -> Self {
        Self {
            ours,
            text: TextStorage::new(),
            clock: TestClock::new(),
            keys: Vec::new(),
            handles: Vec::new(),
            loaded: Vec::new(),
            drawn: 0,
        }
    }

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

    fn known(&self, index: usize) -> Option<Key> {
        // The last few keys are the ones of interest.
        let recent = &self.keys[self.keys.len().saturating_sub(8)..];
        recent.get(index.checked_rem(recent.len())?).copied()
    }

    fn record(&mut self, owner: Option<u8>, user: User, cap: Option<u32>, minutes: u64) -> (Key, Record) {
        let tag = self.tag(owner);
        let (key, handle, now) = (self.key(tag), self.handle(tag), self.clock.timestamp());
        let mut record =
            record_of(meta(handle, owner.is_some(), now, now.after(Duration::from_secs(60 * minutes))), user);
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

    async fn rotate(&self, old: Key, new: Key, patch: Patch, how: Rotation) {
        let now = self.clock.timestamp();
        let ours = self.ours.rotate(&old, &new, patch.clone(), how.clone(), now).await.unwrap();
        let model = self.text.rotate(&old, &new, patch, how, now).await.unwrap();
        assert_eq!(ours, model);
    }

    pub(crate) async fn step(&mut self, step: Step) {
        let now = self.clock.timestamp();
        match step {
            Step::Create { owner, user, cap, minutes } => {
                let (key, record) = self.record(owner, user, cap, minutes);
                let ours = self.ours.create(&key, record.clone(), now).await.unwrap();
                assert_eq!(ours, self.text.create(&key, record, now).await.unwrap());
            }
            Step::Load { key } => {
                let Some(key) = self.known(key) else { return };
                if let Loaded::Live { record, .. } = self.ours.load(&key, now).await.unwrap() {
                    self.loaded.push(record);
                }
            }
            Step::Commit { key, loaded, edits, touch } => {
                let Some(key) = self.known(key) else { return };
                let meta = MetaPatch { seen: touch.then(|| self.seen(10)), ..MetaPatch::default() };
                let patch = self.patch(meta, loaded, &edits);
                let ours = self.ours.commit(&key, patch.clone(), now).await.unwrap();
                assert_eq!(ours, self.text.commit(&key, patch, now).await.unwrap());
            }
            Step::Privilege { key, loaded, edits } => {
                let Some(old) = self.known(key) else { return };
                let new = self.key(old.tag());
                let patch = self.patch(MetaPatch::default(), loaded, &edits);
                self.rotate(old, new, patch, Rotation::Privilege).await;
            }
            Step::SignIn { key, owner, cap } => {
                let Some(old) = self.known(key) else { return };
                let tag = identity(owner).tag();
                let (new, handle) = (self.key(tag), self.handle(tag));
                let meta = MetaPatch { handle: Some(handle), identified: Some(true), ..MetaPatch::default() };
                let mut patch = Patch::new(meta, rocket_typed_session::record::FieldPatch::default());
                patch.max_per_user = cap.and_then(NonZeroU32::new);
                self.rotate(old, new, patch, Rotation::Privilege).await;
            }
            Step::Renew { key, seconds } => {
                let Some(old) = self.known(key) else { return };
                let new = self.key(old.tag());
                self.rotate(old, new, Patch::default(), Rotation::Renewal { grace: Duration::from_secs(seconds) })
                    .await;
            }
            Step::Restart { key, owner, user, cap } => {
                let Some(old) = self.known(key) else { return };
                let (new, record) = self.record(owner, user, cap, 10);
                self.rotate(old, new, Patch::default(), Rotation::Restart(record)).await;
            }
            Step::Touch { key, minutes } => {
                let Some(key) = self.known(key) else { return };
                let ours = self.ours.touch(&key, self.seen(minutes), now).await.unwrap();
                assert_eq!(ours, self.text.touch(&key, self.seen(minutes), now).await.unwrap());
            }
            Step::Wait { seconds } => self.clock.advance(Duration::from_secs(seconds)),
            step => self.end(step).await,
        }
    }

    async fn end(&mut self, step: Step) {
        let now = self.clock.timestamp();
        let (ours, model) = (self.ours.index().unwrap(), self.text.index().unwrap());
        match step {
            Step::Delete { key } => {
                let Some(key) = self.known(key) else { return };
                let deleted = self.ours.delete(&key, now).await.unwrap();
                assert_eq!(deleted, self.text.delete(&key, now).await.unwrap());
            }
            Step::DeleteHandle { handle } => {
                let Some(handle) = handle.checked_rem(self.handles.len()).map(|at| self.handles[at]) else { return };
                let deleted = ours.delete(&handle, now).await.unwrap();
                assert_eq!(deleted, model.delete(&handle, now).await.unwrap());
            }
            Step::DeleteAll { owner, except } => {
                let except = except.and_then(|at| self.handles.get(at.checked_rem(self.handles.len())?));
                let deleted = ours.delete_all(&identity(owner), except, now).await.unwrap();
                assert_eq!(deleted, model.delete_all(&identity(owner), except, now).await.unwrap());
            }
            Step::DeleteEveryone => {
                self.ours.delete_everyone(now).await.unwrap();
                self.text.delete_everyone(now).await.unwrap();
            }
            Step::Sweep => {
                // How many that are depends on what expired sessions were freed on the way.
                if let Some(ours) = self.ours.sweep() {
                    ours.sweep(now).await.unwrap();
                }
                self.text.sweep().unwrap().sweep(now).await.unwrap();
            }
            _ => {}
        }
    }

    pub(crate) async fn compare(&self) {
        let now = self.clock.timestamp();
        for key in &self.keys {
            let (ours, model) = (self.ours.load(key, now).await.unwrap(), self.text.load(key, now).await.unwrap());
            assert_eq!(comparable(&ours), comparable(&model));
            assert_eq!(matches!(ours, Loaded::Moved), matches!(model, Loaded::Moved));
        }
        let (ours, model) = (self.ours.index().unwrap(), self.text.index().unwrap());
        for owner in 0..3 {
            let mut lists = Vec::new();
            for index in [ours, model] {
                let records = index.list(&identity(owner), now).await.unwrap();
                let mut list: Vec<_> = records
                    .iter()
                    .map(|record| (record.meta.seen_at, record.meta.created_at, record.meta.handle))
                    .collect();
                assert_eq!(list.len() as u64, index.count(&identity(owner), now).await.unwrap());
                assert!(list.is_sorted_by(|left, right| (left.0, left.1) >= (right.0, right.1)));
                list.sort();
                lists.push(list);
            }
            assert_eq!(lists[0], lists[1]);
        }
        for handle in &self.handles {
            let (ours, model) = (ours.find(handle, now).await.unwrap(), model.find(handle, now).await.unwrap());
            assert_eq!(
                ours.map(|(key, record)| (key, record.meta.version)),
                model.map(|(key, record)| (key, record.meta.version))
            );
        }
    }
}
