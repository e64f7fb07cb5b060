//! Fields as texts.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The fields of a session by their stored names.
pub type Fields = BTreeMap<String, FieldText>;

/// The text of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldText {
    /// A value, as JSON text.
    Json(String),
    /// A map or set whose entries are stored, changed and merged one by one: key → JSON text. The members of a set
    /// have the text `true`.
    Entries(BTreeMap<String, String>),
}

impl FieldText {
    /// Returns the field as one JSON text; entries become an object.
    pub fn json(&self) -> Cow<'_, str> {
        match self {
            Self::Json(text) => Cow::Borrowed(text),
            Self::Entries(entries) => Cow::Owned(object(entries)),
        }
    }

    /// Returns the length of the text, in bytes; of entries, that of their keys and texts.
    #[allow(clippy::len_without_is_empty, reason = "a JSON text is never empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Json(text) => text.len(),
            Self::Entries(entries) => entries.iter().map(|(key, text)| key.len() + text.len()).sum(),
        }
    }

    /// Returns the entries, to be changed; a value that is an object becomes entries, any other none.
    pub(super) fn entries_mut(&mut self) -> &mut BTreeMap<String, String> {
        let entries = match self {
            Self::Json(text) => object_entries(text),
            Self::Entries(entries) => std::mem::take(entries),
        };
        *self = Self::Entries(entries);
        match self {
            Self::Entries(entries) => entries,
            Self::Json(_) => unreachable!("replaced by entries above"),
        }
    }
}

fn object_entries(text: &str) -> BTreeMap<String, String> {
    let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    object.into_iter().map(|(key, value)| (key, value.to_string())).collect()
}

fn object(entries: &BTreeMap<String, String>) -> String {
    let mut json = String::from("{");
    for (key, text) in entries {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::Value::from(key.as_str()).to_string());
        json.push(':');
        json.push_str(text);
    }
    json.push('}');
    json
}
