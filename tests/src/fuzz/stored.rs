//! Whatever a cookie, a table or a hash holds, it is read or refused; and what is written to a table is read as it was.

use rocket_typed_session::record::{FieldText, Fields};
use rocket_typed_session::testing::stored::{Data, cookie, hash};
use serde_json::Value;

use super::fields;

/// Reads bytes as what a cookie carries, as the column of a row, as the fields of a hash, and as fields to be written to a row.
///
/// # Panics
///
/// Panics if fields are not read as they were written.
pub fn stored(bytes: &[u8]) {
    if let Some(written) = cookie(bytes) {
        assert_eq!(cookie(&written).as_ref(), Some(&written), "in a cookie");
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = hash(text.lines().filter_map(|line| line.split_once('=')));
    let fields = fields(bytes).into_iter().filter(|(_, text)| is_json(text)).collect();
    for data in Data::ALL {
        let _ = data.read(&text);
        let read = data.read(&data.write(&fields)).expect("what was written");
        assert_eq!(values(&read), values(&fields), "written and read: {data:?}");
    }
}

/// Returns whether a field is what it can be: one JSON text, or as many as there are entries.
fn is_json(text: &FieldText) -> bool {
    let is_one = |json: &String| serde_json::from_str::<Value>(json).is_ok();
    match text {
        FieldText::Json(json) => is_one(json),
        FieldText::Entries(entries) => entries.values().all(is_one),
    }
}

fn value(text: &FieldText) -> Option<Value> {
    serde_json::from_str(&text.json()).ok()
}

fn values(fields: &Fields) -> Vec<(&str, Option<Value>)> {
    fields.iter().map(|(name, text)| (name.as_str(), value(text))).collect()
}
