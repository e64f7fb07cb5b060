//! Sessions to store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rocket_typed_session::record::{Addition, FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, Record, Seen};
use rocket_typed_session::storage::{Loaded, SessionStorage};
use rocket_typed_session::{Handle, Identity, Key, Now, Tag};

/// Returns bytes that nobody else got.
fn unique<const N: usize>() -> [u8; N] {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let text = format!("{number:08x}{nanos:08x}{:08x}{number:08x}", std::process::id());
    let mut bytes = [0; N];
    bytes.copy_from_slice(&text.as_bytes()[..N]);
    bytes
}

pub fn now() -> Now {
    SystemTime::now().into()
}

pub fn person(name: &str) -> Identity {
    Identity::new("test", name)
}

pub fn key(tag: Tag) -> Key {
    Key::new(tag, unique())
}

pub fn handle(tag: Tag) -> Handle {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(tag.as_bytes());
    bytes[16..].copy_from_slice(&unique::<16>());
    Handle::from_bytes(bytes)
}

pub fn fields(visits: u64) -> Fields {
    let visits = FieldText::Json(visits.to_string());
    let theme = FieldText::Json("\"dark\"".into());
    let cart = FieldText::Entries([("7".to_owned(), "1".to_owned())].into());
    [("visits".into(), visits), ("theme".into(), theme), ("cart".into(), cart)].into()
}

/// Returns a session of somebody that expires in an hour.
pub fn record(tag: Tag) -> Record {
    let now = now();
    let meta = Meta {
        identified: true,
        authenticated_at: now,
        deadline: now.after(Duration::from_hours(24)),
        ..Meta::new(handle(tag), now, now.after(Duration::from_hours(1)))
    };
    Record::new(meta, fields(0))
}

pub fn seen() -> Seen {
    Seen { at: now(), expires_at: now().after(Duration::from_hours(1)), client: None }
}

/// Returns a patch of every kind that one statement applies.
pub fn patch() -> Patch {
    let addition = Addition { delta: 1, min: 0, max: i64::MAX };
    let fields = FieldPatch {
        set: [("theme".into(), FieldText::Json("\"light\"".into()))].into(),
        add: [("visits".into(), addition)].into(),
        entries: [("cart".into(), [("8".into(), Some("2".into())), ("7".into(), None)].into())].into(),
        ..FieldPatch::default()
    };
    Patch::new(MetaPatch { seen: Some(seen()), ..MetaPatch::default() }, fields)
}

pub fn visit() -> Patch {
    let addition = Addition { delta: 1, min: 0, max: i64::MAX };
    let fields = FieldPatch { add: [("visits".into(), addition)].into(), ..FieldPatch::default() };
    Patch::new(MetaPatch { seen: Some(seen()), ..MetaPatch::default() }, fields)
}

/// Keeps a session of somebody.
pub async fn kept(storage: &dyn SessionStorage, identity: Identity) -> Key {
    let key = key(identity.tag());
    storage.create(&key, record(identity.tag()), now()).await.unwrap();
    key
}

/// Returns a field of a living session.
pub async fn field(storage: &dyn SessionStorage, key: &Key, name: &str) -> Option<String> {
    match storage.load(key, now()).await.unwrap() {
        Loaded::Live { record, .. } => record.fields().unwrap().get(name).map(|text| text.json().into_owned()),
        Loaded::Moved | Loaded::Absent => None,
    }
}
