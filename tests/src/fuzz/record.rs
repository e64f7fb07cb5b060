//! Whatever is stored as a session's fields, it is read or refused; what is read can be edited and stored, and is then
//! read as what it was, with nothing lost of what the struct does not know.

use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::record::{Meta, MetaPatch, Record};
use rocket_typed_session::testing::{patch_of, record_of, value_of};
use rocket_typed_session::{Handle, Session, Timestamp};
use serde_json::Value;

use super::fields;

fn halved(value: Value) -> Option<i32> {
    i32::try_from(value.as_array()?.len()).ok()
}

/// A struct with a field of each kind.
#[derive(Clone, PartialEq, Default, Session)]
struct Everything {
    theme: String,
    #[session(merge = add)]
    visits: i8,
    #[session(merge = add)]
    points: u64,
    #[session(merge = entries)]
    cart: BTreeMap<u32, Option<String>>,
    #[session(merge = members)]
    marks: BTreeSet<String>,
    #[session(flash)]
    notice: Option<bool>,
    #[session(merge = reject)]
    seat: [u8; 2],
    #[session(secret)]
    phone: Box<str>,
    #[session(migrate = halved)]
    level: i32,
    #[session(alias = "old", undecodable = end)]
    letter: char,
    free: Value,
}

fn meta() -> Meta {
    Meta::new(Handle::from_bytes([7; 32]), Timestamp::from_millis(1_000), Timestamp::from_millis(2_000))
}

/// Returns the value as a storage keeps it: what is added to stays within `i64`.
fn kept(value: &Everything) -> Everything {
    let most = i64::MAX.unsigned_abs();
    Everything { points: value.points.min(most), ..value.clone() }
}

fn edit(value: &mut Everything) {
    value.theme.push('!');
    value.visits = value.visits.wrapping_add(1);
    value.cart.insert(7, None);
    value.marks.insert("new".into());
    value.notice = None;
    value.seat[0] ^= 1;
}

/// Reads bytes as the fields of a session, one in a line: `name=text`, or `name/key=text` for an entry.
///
/// # Panics
///
/// Panics if what was read is not what comes of storing it again.
pub fn record(bytes: &[u8]) {
    let stored = Record::new(meta(), fields(bytes));
    let Some(value) = value_of::<Everything>(&stored) else { return };
    // As a storage that keeps texts hands it out.
    let again = |record: &Record| Record::new(meta(), record.fields().expect("values that were read").as_ref().clone());
    let read_again = value_of::<Everything>(&again(&record_of(meta(), Everything::clone(&value))));
    assert!(read_again.as_deref() == Some(&kept(&value)), "stored again: {value:?}");

    let mut expected = Everything::clone(&value);
    edit(&mut expected);
    let patch = patch_of(MetaPatch::default(), &stored, &[], edit).expect("an edit with keys that JSON has");
    let fields = stored.fields().expect("texts").clone();
    let texts = Record::new(meta(), fields.as_ref().clone());
    for record in [&stored, &texts] {
        let patched = again(&patch.apply(record).expect("an edit of what is stored"));
        let edited = value_of::<Everything>(&patched).map(|edited| kept(&edited));
        assert!(edited.as_ref() == Some(&kept(&expected)), "edited: {expected:?}");
        let patched = patched.fields().expect("texts");
        let unknown = fields.keys().filter(|name| name.starts_with("unknown"));
        for name in unknown {
            assert_eq!(patched.get(name), fields.get(name), "the field {name:?}");
        }
    }
}
