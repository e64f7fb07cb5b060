//! Fields as the JSON of the column `data`, and back.
//!
//! A field is a key of one object. Where a field is itself an object, its own keys are escaped like those of fields,
//! so that an entry can be patched by a path that holds nothing but letters, digits, `_`, `-` and `~`.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::record::{FieldText, Fields, Packed};

/// What begins a name that is written in hexadecimal digits.
const ESCAPE: char = '~';

/// The key of an object that stands for a text which the database would not keep as it is.
const TEXT: &str = "$text";

/// How a database keeps JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codec {
    /// Whether names are part of paths, and so must be of letters, digits, `_` and `-`.
    pub(crate) paths: bool,
    /// Whether the database reads values rather than keep their text.
    pub(crate) parses: bool,
}

impl Codec {
    /// Returns the stored name of a field or an entry.
    pub(super) fn name(self, name: &str) -> Cow<'_, str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let kept = if self.paths {
            !name.is_empty() && name.bytes().all(plain)
        } else {
            !name.starts_with([ESCAPE, '$']) && !name.contains('\0')
        };
        if kept {
            return Cow::Borrowed(name);
        }
        let mut escaped = String::from(ESCAPE);
        for byte in name.bytes() {
            // Writing to a string does not fail.
            let _ = write!(escaped, "{byte:02x}");
        }
        Cow::Owned(escaped)
    }

    /// Returns the stored text of a field.
    pub(super) fn field(self, text: &FieldText) -> String {
        match text {
            FieldText::Json(json) => self.whole(json),
            FieldText::Entries(entries) => self.object(entries.iter().map(|(key, text)| (key.as_str(), text.as_str()))),
        }
    }

    fn whole(self, json: &str) -> String {
        let Some(entries) = entries(json) else { return self.entry(json).into_owned() };
        self.object(entries.iter().map(|(Name(key), text)| (&**key, text.get())))
    }

    fn object<'e>(self, entries: impl Iterator<Item = (&'e str, &'e str)>) -> String {
        let mut object = Object::default();
        for (key, text) in entries {
            object.push(&self.name(key), &self.entry(text));
        }
        object.close()
    }

    /// Returns the stored text of an entry.
    pub(super) fn entry(self, json: &str) -> Cow<'_, str> {
        if !self.parses || survives(json) {
            return Cow::Borrowed(json);
        }
        let mut object = Object::default();
        object.push(TEXT, &quoted(json));
        Cow::Owned(object.close())
    }

    /// Returns all fields as one object.
    pub(crate) fn encode(self, fields: &Fields) -> String {
        let mut object = Object::default();
        for (name, text) in fields {
            object.push(&self.name(name), &self.field(text));
        }
        object.close()
    }

    /// Returns the fields of an object.
    pub(crate) fn decode(self, json: &str) -> serde_json::Result<Packed> {
        let Entries(entries) = serde_json::from_str(json)?;
        let escaped = self.may_be_escaped(json);
        let mut fields = Packed::with_capacity(json.len());
        for (Name(name), raw) in &entries {
            let text = if escaped { self.original_field(raw.get()) } else { raw.get().into() };
            fields.push(&original(name), &text);
        }
        Ok(fields)
    }

    fn may_be_escaped(self, json: &str) -> bool {
        json.contains("\"~") || (self.parses && json.contains(TEXT))
    }

    fn original_field(self, json: &str) -> Cow<'_, str> {
        if !json.starts_with('{') || !self.may_be_escaped(json) {
            return json.into();
        }
        if let Some(text) = wrapped(json).filter(|_| self.parses) {
            return text.into();
        }
        let mut object = Object::default();
        for (Name(key), raw) in &entries(json).unwrap_or_default() {
            let text = wrapped(raw.get()).filter(|_| self.parses);
            object.push(&original(key), text.as_deref().unwrap_or(raw.get()));
        }
        object.close().into()
    }
}

/// An object that is being written.
struct Object(String);

impl Default for Object {
    fn default() -> Self {
        Self("{".into())
    }
}

impl Object {
    fn push(&mut self, key: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quoted(key));
        self.0.push(':');
        self.0.push_str(json);
    }

    fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Returns a text as JSON.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        return Cow::Owned(format!("\"{text}\""));
    }
    Cow::Owned(serde_json::Value::from(text).to_string())
}

fn original(name: &str) -> Cow<'_, str> {
    let Some(digits) = name.strip_prefix(ESCAPE) else { return name.into() };
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or_else(|| name.into(), Cow::Owned)
}

/// The entries of an object, in their order.
#[derive(Default)]
struct Entries<'j>(Vec<(Name<'j>, &'j RawValue)>);

/// The name of an entry.
#[derive(Deserialize)]
struct Name<'j>(#[serde(borrow)] Cow<'j, str>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

fn entries(json: &str) -> Option<Vec<(Name<'_>, &RawValue)>> {
    if !json.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str::<Entries<'_>>(json).ok().map(|entries| entries.0)
}

/// Returns the text that an object stands for.
fn wrapped(json: &str) -> Option<String> {
    let mut entries = entries(json)?;
    match entries.pop() {
        Some((Name(key), raw)) if key == TEXT && entries.is_empty() => serde_json::from_str(raw.get()).ok(),
        _ => None,
    }
}

/// Returns whether a database that reads JSON gives a value back as it was: `jsonb` takes no NUL, and numbers lose
/// their exponent, the sign of zero or, in MySQL, digits. MariaDB takes 32 levels.
fn survives(json: &str) -> bool {
    let bytes = json.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string(&bytes[at..]) {
                Some(length) => at += length,
                None => return false,
            },
            b'-' | b'0'..=b'9' => match number(&bytes[at..]) {
                Some(length) => at += length,
                None => return false,
            },
            _ => {
                depth = match byte {
                    b'{' | b'[' => depth + 1,
                    b'}' | b']' => depth.saturating_sub(1),
                    _ => depth,
                };
                at += 1;
            }
        }
        if depth > 16 {
            return false;
        }
    }
    true
}

/// Returns the length of the string that `bytes` begin with, unless it would be refused or taken for another value.
fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => break,
            b'\\' if bytes.get(at + 1) == Some(&b'u') => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    (bytes[1..at] != *TEXT.as_bytes()).then_some(at + 1)
}

/// Returns the length of the number that `bytes` begin with, unless it would be written otherwise.
fn number(bytes: &[u8]) -> Option<usize> {
    let part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let number = &bytes[..bytes.iter().position(|byte| !part(byte)).unwrap_or(bytes.len())];
    let is_kept = number.len() <= LONGEST && std::str::from_utf8(number).is_ok_and(is_exact);
    is_kept.then_some(number.len())
}

/// The length of the longest number that is written as it is: `-0.000` and seventeen digits.
const LONGEST: usize = 23;

/// Returns whether a number is one of 64 bits, in the digits in which it is written: so much every database keeps.
fn is_exact(number: &str) -> bool {
    match number.strip_prefix('-') {
        Some("0" | "0.0") => false,
        Some(_) if number.parse::<i64>().is_ok() => true,
        None if number.parse::<u64>().is_ok() => true,
        _ => number.parse::<f64>().is_ok_and(|value| format!("{value:?}") == number && !number.contains('e')),
    }
}
