//! What holds whatever the bytes are. The fuzzers in `fuzz/` look for bytes for which it does not; tests run what they
//! found worth keeping.

mod cookie;
mod headers;
mod record;
#[cfg(all(feature = "redis", feature = "sqlite"))]
mod stored;

pub use self::cookie::cookie;
pub use self::headers::headers;
pub use self::record::record;
#[cfg(all(feature = "redis", feature = "sqlite"))]
pub use self::stored::stored;

use std::collections::BTreeMap;

use rocket_typed_session::record::{FieldText, Fields};

/// Reads fields as lines: `name=text` for a value, `name/key=text` for an entry.
fn fields(bytes: &[u8]) -> Fields {
    let text = String::from_utf8_lossy(bytes);
    let mut fields = Fields::new();
    for (name, json) in text.lines().filter_map(|line| line.split_once('=')) {
        let Some((name, key)) = name.split_once('/') else {
            fields.insert(name.into(), FieldText::Json(json.into()));
            continue;
        };
        match fields.entry(name.into()).or_insert_with(|| FieldText::Entries(BTreeMap::new())) {
            FieldText::Entries(entries) => drop(entries.insert(key.into(), json.into())),
            FieldText::Json(_) => {}
        }
    }
    fields
}
