//! What the promises are tested with.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Addition, FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Via};
use crate::testing::TestClock;
use crate::token::{Handle, Identity, Key, Tag};

/// A storage, and the time of the test.
#[derive(Clone)]
pub struct Stage {
    pub(crate) storage: Arc<dyn SessionStorage>,
    clock: TestClock,
}

/// A session that the test created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    pub(crate) handle: Handle,
}

pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const GRACE: Duration = Duration::from_secs(30);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn tag() -> Tag {
    Tag::from_bytes(random())
}

pub(crate) fn person() -> Identity {
    Identity::new("conformance", &u128::from_le_bytes(random()).to_string())
}

pub(crate) fn key(tag: Tag) -> Key {
    Key::new(tag, random())
}

pub(crate) fn handle(tag: Tag) -> Handle {
    let mut bytes: [u8; 32] = random();
    bytes[..16].copy_from_slice(tag.as_bytes());
    Handle::from_bytes(bytes)
}

pub(crate) fn cap(max: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(max)
}

pub(crate) fn fields<const N: usize>(fields: [(&str, &str); N]) -> Fields {
    fields.into_iter().map(|(name, json)| (name.to_owned(), FieldText::Json(json.to_owned()))).collect()
}

pub(crate) fn entries<const N: usize>(entries: [(&str, &str); N]) -> FieldText {
    FieldText::Entries(entries.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect())
}

pub(crate) fn set<const N: usize>(set: [(&str, &str); N]) -> FieldPatch {
    FieldPatch { set: fields(set), ..FieldPatch::default() }
}

pub(crate) fn add(name: &str, delta: i64) -> FieldPatch {
    let addition = Addition { delta, min: i64::MIN, max: i64::MAX };
    FieldPatch { add: BTreeMap::from([(name.to_owned(), addition)]), ..FieldPatch::default() }
}

pub(crate) fn expect(name: &str, json: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), json.to_owned())])
}

pub(crate) fn change<const N: usize>(name: &str, changes: [(&str, Option<&str>); N]) -> FieldPatch {
    let changes = changes.into_iter().map(|(key, text)| (key.to_owned(), text.map(str::to_owned))).collect();
    FieldPatch { entries: BTreeMap::from([(name.to_owned(), changes)]), ..FieldPatch::default() }
}

pub(crate) fn rotated(answer: &Commit) -> bool {
    matches!(answer, Commit::Committed { rotated: true, .. })
}

pub(crate) fn done(answer: &Commit) -> bool {
    matches!(answer, Commit::Committed { rotated: false, .. })
}

pub(crate) fn value(fields: &Fields, name: &str) -> Option<Value> {
    fields.get(name).map(|text| serde_json::from_str(&text.json()).unwrap())
}

pub(crate) fn values(fields: &Fields) -> BTreeMap<String, Value> {
    fields.keys().map(|name| (name.clone(), value(fields, name).unwrap())).collect()
}

impl Stage {
    pub(crate) fn new(storage: Arc<dyn SessionStorage>) -> Self {
        Self { storage, clock: TestClock::new() }
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.timestamp()
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub(crate) fn index(&self) -> Option<&dyn SessionIndex> {
        self.storage.index()
    }

    /// Returns a record that expires in an hour.
    pub(crate) fn record(&self, handle: Handle, identified: bool, fields: Fields) -> Record {
        let now = self.now();
        let meta = Meta {
            identified,
            newborn: !identified,
            authenticated_at: now,
            deadline: now.after(24 * HOUR),
            ..Meta::new(handle, now, now.after(HOUR))
        };
        Record::new(meta, fields)
    }

    pub(crate) async fn create(&self, record: Record) -> Kept {
        let kept = Kept { key: key(record.meta.handle.tag()), handle: record.meta.handle };
        let created = self.storage.create(&kept.key, record, self.now()).await.unwrap();
        assert!(matches!(created, Created::Created { .. }), "{created:?}");
        kept
    }

    pub(crate) async fn anonymous(&self) -> Kept {
        self.create(self.record(handle(tag()), false, fields([("theme", "\"dark\"")]))).await
    }

    pub(crate) async fn signed_in(&self, identity: &Identity) -> Kept {
        self.with(identity, fields([("theme", "\"dark\""), ("visits", "1")])).await
    }

    pub(crate) async fn somebody(&self) -> Kept {
        self.signed_in(&person()).await
    }

    pub(crate) async fn with(&self, identity: &Identity, fields: Fields) -> Kept {
        self.create(self.record(handle(identity.tag()), true, fields)).await
    }

    pub(crate) async fn kept(&self, fields: Fields) -> Kept {
        self.with(&person(), fields).await
    }

    pub(crate) async fn load(&self, key: &Key) -> Loaded {
        self.storage.load(key, self.now()).await.unwrap()
    }

    pub(crate) async fn found(&self, key: &Key) -> Option<(Arc<Record>, Via)> {
        match self.load(key).await {
            Loaded::Live { record, via } => Some((record, via)),
            Loaded::Moved | Loaded::Absent => None,
        }
    }

    pub(crate) async fn via(&self, key: &Key) -> Option<Via> {
        self.found(key).await.map(|(_, via)| via)
    }

    pub(crate) async fn absent(&self, key: &Key) -> bool {
        matches!(self.load(key).await, Loaded::Absent)
    }

    pub(crate) async fn moved(&self, key: &Key) -> bool {
        matches!(self.load(key).await, Loaded::Moved)
    }

    pub(crate) async fn meta(&self, key: &Key) -> Meta {
        self.found(key).await.expect("the session lives").0.meta.clone()
    }

    pub(crate) async fn fields(&self, key: &Key) -> Fields {
        Fields::clone(self.found(key).await.expect("the session lives").0.fields().unwrap())
    }

    /// Returns a field as JSON text without spaces, or `""` if there is none.
    pub(crate) async fn field(&self, key: &Key, name: &str) -> String {
        value(&self.fields(key).await, name).map_or_else(String::new, |value| value.to_string())
    }

    pub(crate) async fn patch(&self, key: &Key, patch: Patch) -> Commit {
        self.storage.commit(key, patch, self.now()).await.unwrap()
    }

    pub(crate) async fn commit(&self, key: &Key, fields: FieldPatch) -> Commit {
        self.patch(key, Patch::new(MetaPatch::default(), fields)).await
    }

    /// Commits what must be accepted.
    pub(crate) async fn write(&self, key: &Key, fields: FieldPatch) {
        assert_eq!(self.commit(key, fields).await, Commit::DONE);
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen { at: self.now(), expires_at: self.now().after(HOUR), client: None }
    }

    pub(crate) async fn touch(&self, key: &Key) -> bool {
        self.storage.touch(key, self.seen(), self.now()).await.unwrap()
    }

    pub(crate) async fn delete(&self, key: &Key) -> bool {
        self.storage.delete(key, self.now()).await.unwrap()
    }

    pub(crate) async fn rotate(&self, old: &Key, new: &Key, patch: Patch, how: Rotation) -> Commit {
        self.storage.rotate(old, new, patch, how, self.now()).await.unwrap()
    }

    /// Rotates by privilege to a new key of the same tag.
    pub(crate) async fn privilege(&self, old: &Key) -> (Key, Commit) {
        let new = key(old.tag());
        let answer = self.rotate(old, &new, Patch::default(), Rotation::Privilege).await;
        (new, answer)
    }

    /// Renews to a new key of the same tag.
    pub(crate) async fn renew(&self, old: &Key) -> (Key, Commit) {
        let new = key(old.tag());
        let patch = Patch::new(MetaPatch { renewed_at: Some(self.now()), ..MetaPatch::default() }, add("renewals", 1));
        let answer = self.rotate(old, &new, patch, Rotation::Renewal { grace: GRACE }).await;
        (new, answer)
    }

    /// Makes somebody of an anonymous session, or somebody else of anybody.
    pub(crate) async fn sign_in(&self, old: &Key, identity: &Identity, max: Option<NonZeroU32>) -> (Kept, Commit) {
        let kept = Kept { key: key(identity.tag()), handle: handle(identity.tag()) };
        let meta = MetaPatch { handle: Some(kept.handle), identified: Some(true), ..MetaPatch::default() };
        let mut patch = Patch::new(meta, set([("id", "7")]));
        patch.max_per_user = max;
        let answer = self.rotate(old, &kept.key, patch, Rotation::Privilege).await;
        (kept, answer)
    }

    /// Starts anew for somebody, from whatever key.
    pub(crate) async fn restart(&self, old: &Key, identity: &Identity, max: Option<NonZeroU32>) -> (Kept, Commit) {
        let kept = Kept { key: key(identity.tag()), handle: handle(identity.tag()) };
        let mut record = self.record(kept.handle, true, fields([("id", "7")]));
        record.max_per_user = max;
        let answer = self.rotate(old, &kept.key, Patch::default(), Rotation::Restart(record)).await;
        (kept, answer)
    }

    /// Ends everyone's sessions. Returns whether the storage can.
    pub(crate) async fn end_everyone(&self) -> bool {
        match self.storage.delete_everyone(self.now()).await {
            Err(StorageError::Unsupported(_)) => false,
            outcome => {
                outcome.unwrap();
                true
            }
        }
    }

    /// Sweeps until there is no more to free. Returns which sessions expired.
    pub(crate) async fn swept(&self) -> BTreeSet<Handle> {
        let mut expired = BTreeSet::new();
        let Some(sweep) = self.storage.sweep() else { return expired };
        loop {
            let swept = sweep.sweep(self.now()).await.unwrap();
            for record in swept.expired {
                assert!(expired.insert(record.meta.handle), "it is freed once");
            }
            if !swept.more {
                return expired;
            }
        }
    }

    pub(crate) fn later(&self, duration: Duration) -> Timestamp {
        self.now().after(duration)
    }
}
