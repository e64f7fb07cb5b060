//! Sessions to test with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rocket_typed_session::record::{Addition, FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, Record};
use rocket_typed_session::storage::{Commit, Created, Loaded, Rotation, SessionStorage};
use rocket_typed_session::{Handle, Identity, Key, Now, StorageError, Tag, Timestamp};

/// The time; it stands still.
pub(crate) const NOW: Now = Timestamp::from_millis(1_893_456_000_000);

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// A key, and the handle of its session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    pub(crate) handle: Handle,
}

fn bytes() -> [u8; 32] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 32];
    for (at, chunk) in bytes.chunks_exact_mut(8).enumerate() {
        let mixed = (next + (at as u64) * 0x1000_0000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&(mixed ^ (mixed >> 29)).to_le_bytes());
    }
    bytes
}

pub(crate) fn person() -> Identity {
    Identity::new("test", &format!("{:?}", bytes()))
}

/// Returns a key and a handle of this tag.
pub(crate) fn drawn(tag: Tag) -> Kept {
    let mut handle = bytes();
    handle[..16].copy_from_slice(tag.as_bytes());
    Kept { key: Key::new(tag, bytes()), handle: Handle::from_bytes(handle) }
}

pub(crate) fn anonymous() -> Kept {
    let mut tag = [0; 16];
    tag.copy_from_slice(&bytes()[..16]);
    drawn(Tag::from_bytes(tag))
}

pub(crate) fn fields() -> Fields {
    let cart = BTreeMap::from([("17".to_owned(), "2".to_owned())]);
    Fields::from([
        ("theme".to_owned(), FieldText::Json("\"dark\"".into())),
        ("visits".to_owned(), FieldText::Json("0".into())),
        ("cart".to_owned(), FieldText::Entries(cart)),
    ])
}

pub(crate) fn record(handle: Handle, identified: bool) -> Record {
    let meta = Meta {
        identified,
        newborn: !identified,
        authenticated_at: NOW,
        deadline: NOW.after(24 * HOUR),
        ..Meta::new(handle, NOW, NOW.after(HOUR))
    };
    Record::new(meta, fields())
}

pub(crate) async fn create(storage: &dyn SessionStorage, identity: &Identity) -> Kept {
    let kept = drawn(identity.tag());
    let created = storage.create(&kept.key, record(kept.handle, true), NOW).await.unwrap();
    assert!(matches!(created, Created::Created { .. }));
    kept
}

pub(crate) async fn create_anonymous(storage: &dyn SessionStorage) -> Kept {
    let kept = anonymous();
    storage.create(&kept.key, record(kept.handle, false), NOW).await.unwrap();
    kept
}

pub(crate) fn visit(delta: i64) -> Patch {
    let addition = Addition { delta, min: i64::MIN, max: i64::MAX };
    let add = BTreeMap::from([("visits".to_owned(), addition)]);
    Patch::new(MetaPatch::default(), FieldPatch { add, ..FieldPatch::default() })
}

/// Adds to the visits of a session.
pub(crate) async fn add(storage: &dyn SessionStorage, key: &Key, delta: i64) -> Result<Commit, StorageError> {
    storage.commit(key, visit(delta), NOW).await
}

pub(crate) async fn sign_in(
    storage: &dyn SessionStorage,
    old: &Key,
    identity: &Identity,
) -> (Kept, Result<Commit, StorageError>) {
    let kept = drawn(identity.tag());
    (kept, sign_in_as(storage, old, kept).await)
}

pub(crate) async fn sign_in_as(storage: &dyn SessionStorage, old: &Key, new: Kept) -> Result<Commit, StorageError> {
    let meta = MetaPatch { handle: Some(new.handle), identified: Some(true), ..MetaPatch::default() };
    let patch = Patch::new(meta, FieldPatch::default());
    storage.rotate(old, &new.key, patch, Rotation::Privilege, NOW).await
}

pub(crate) async fn lives(storage: &dyn SessionStorage, key: &Key) -> bool {
    matches!(storage.load(key, NOW).await.unwrap(), Loaded::Live { .. })
}

pub(crate) async fn visits(storage: &dyn SessionStorage, key: &Key) -> i64 {
    match storage.load(key, NOW).await.unwrap() {
        Loaded::Live { record, .. } => record.fields().unwrap()["visits"].json().parse().unwrap(),
        other => panic!("{other:?}"),
    }
}
