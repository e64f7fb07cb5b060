//! Many texts as one, as scripts take and give them: an array of `MessagePack`, which they read and write by themselves.
//! Neither side then looks at each text as an argument or an answer of its own.

use std::fmt::Display;
use std::io::Write;

use fred::bytes::Bytes;
use fred::types::Value;
use rmp::encode::{ByteBuf, write_str_len};
use rmp::{Marker, decode};

use super::error::unintelligible;
use crate::error::StorageError;

/// The bytes before the texts: what they are, and how many.
const HEAD: usize = 5;

/// The most bytes of a text whose length is in the one byte before it.
const SHORT: usize = 31;

/// The bytes that most packs find room in.
const ROOM: usize = 128;

/// Texts for a script.
#[derive(Debug, Clone)]
pub(super) struct Pack {
    /// The texts behind the room for their head.
    bytes: ByteBuf,
    len: u32,
}

impl Default for Pack {
    fn default() -> Self {
        let mut bytes = ByteBuf::with_capacity(ROOM);
        bytes.as_mut_vec().extend([0; HEAD]);
        Self { bytes, len: 0 }
    }
}

impl Pack {
    pub(super) fn of<const N: usize>(texts: [&str; N]) -> Self {
        let mut pack = Self::default();
        for text in texts {
            pack.push(text);
        }
        pack
    }

    pub(super) fn push(&mut self, text: &str) {
        self.push_joined([text.as_bytes()]);
    }

    pub(super) fn push_if_any(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.push(text);
        }
    }

    /// Adds one text, given in parts.
    pub(super) fn push_joined<const N: usize>(&mut self, parts: [&[u8]; N]) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        // No session's text is as long as 4 GiB.
        let Ok(_) = write_str_len(&mut self.bytes, u32::try_from(len).unwrap_or(u32::MAX));
        for part in parts {
            self.bytes.as_mut_vec().extend_from_slice(part);
        }
        self.len += 1;
    }

    /// Adds a number, or what else is to be seen as text.
    pub(super) fn push_shown(&mut self, shown: impl Display) {
        let bytes = self.bytes.as_mut_vec();
        let start = bytes.len();
        // As if it were short, which most are; a vector takes all that is written.
        bytes.push(0);
        let _ = write!(bytes, "{shown}");
        let len = bytes.len() - start - 1;
        if len <= SHORT {
            #[allow(clippy::cast_possible_truncation, reason = "it is short")]
            let marker = Marker::FixStr(len as u8);
            bytes[start] = marker.to_u8();
            self.len += 1;
        } else {
            let text = bytes.split_off(start + 1);
            bytes.truncate(start);
            self.push_joined([&text]);
        }
    }

    pub(super) fn push_pair(&mut self, name: &str, text: &str) {
        self.push(name);
        self.push(text);
    }

    /// Adds a list of texts, as one.
    pub(super) fn push_list(&mut self, list: &Self) {
        let bytes = self.bytes.as_mut_vec();
        bytes.extend(list.head());
        bytes.extend_from_slice(list.texts());
        self.len += 1;
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.bytes.as_mut_vec().extend_from_slice(other.texts());
        self.len += other.len;
    }

    /// Adds how many texts others are, and these.
    pub(super) fn append_counted(&mut self, others: &Self) {
        self.push_shown(others.len);
        self.append(others);
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn head(&self) -> [u8; HEAD] {
        let [first, second, third, fourth] = self.len.to_be_bytes();
        [Marker::Array32.to_u8(), first, second, third, fourth]
    }

    fn texts(&self) -> &[u8] {
        &self.bytes.as_slice()[HEAD..]
    }

    /// Returns the argument of a script.
    pub(super) fn into_value(mut self) -> Value {
        let head = self.head();
        self.bytes.as_mut_vec()[..HEAD].copy_from_slice(&head);
        Value::Bytes(self.bytes.into_vec().into())
    }

    /// Returns each text as a value of its own.
    pub(super) fn into_values(self) -> Vec<Value> {
        let bytes = Bytes::from(self.bytes.into_vec());
        let mut rest = &bytes[HEAD..];
        let texts = std::iter::from_fn(|| next(&mut rest));
        texts.map(|text| Value::Bytes(bytes.slice_ref(text))).collect()
    }
}

/// Returns what a script packed.
pub(super) fn packed(answer: Value) -> Result<Bytes, StorageError> {
    match answer {
        Value::Bytes(bytes) => Ok(bytes),
        Value::String(text) => Ok(text.into_inner()),
        _ => Err(strange()),
    }
}

/// Returns the texts that a script packed, or why it failed: that is one text.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<&[u8]>, StorageError> {
    let mut rest = packed;
    let Ok(len) = decode::read_array_len(&mut rest) else {
        let mut rest = packed;
        let reason = next(&mut rest).ok_or_else(strange)?;
        return Err(StorageError::unavailable(String::from_utf8_lossy(reason)));
    };
    // Each takes a byte at least.
    let mut texts = Vec::with_capacity(rest.len().min(len as usize));
    for _ in 0..len {
        texts.push(next(&mut rest).ok_or_else(strange)?);
    }
    Ok(texts)
}

/// Takes the next text.
fn next<'p>(rest: &mut &'p [u8]) -> Option<&'p [u8]> {
    let len = decode::read_str_len(rest).ok()?;
    let (text, after) = rest.split_at_checked(len as usize)?;
    *rest = after;
    Some(text)
}

fn strange() -> StorageError {
    unintelligible("other things than texts")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "they are tests")]
mod tests {
    use super::*;

    fn bytes(pack: Pack) -> Bytes {
        packed(pack.into_value()).unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let long = "é".repeat(40_000);
        let texts =
            ["", "a", "\0\"\\\n", "9223372036854775807", &"b".repeat(31), &"c".repeat(32), &"d".repeat(256), &long];
        let values = Pack::of(texts).into_values().into_iter().map(|value| packed(value).unwrap());
        assert!(values.eq(texts.map(str::as_bytes)));
        assert_eq!(unpack(&bytes(Pack::of(texts))).unwrap(), texts.map(str::as_bytes));
    }

    #[test]
    fn packs_are_joined_and_counted() {
        let mut pack = Pack::default();
        assert!(pack.is_empty());
        pack.push_joined([b"", b"a", b"b"]);
        pack.append_counted(&Pack::of(["b", "c"]));
        pack.push_pair("d", "e");
        assert_eq!(pack.len(), 6);
        assert_eq!(unpack(&bytes(pack)).unwrap(), [&b"ab"[..], b"2", b"b", b"c", b"d", b"e"]);
    }

    #[test]
    fn what_is_shown_is_a_text() {
        let shown = ["", "1", &"b".repeat(31), &"c".repeat(32), &"d".repeat(300)];
        let mut pack = Pack::default();
        for shown in shown {
            pack.push_shown(shown);
        }
        assert_eq!(bytes(pack), bytes(Pack::of(shown)));
    }

    #[test]
    fn a_list_is_one_of_the_others() {
        let list = Pack::of(["b", "c"]);
        let mut pack = Pack::of(["a"]);
        pack.push_list(&list);
        pack.push("d");
        assert_eq!(&bytes(pack)[..], b"\xdd\0\0\0\x03\xa1a\xdd\0\0\0\x02\xa1b\xa1c\xa1d");
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        let whole = bytes(Pack::of(["session", "text"]));
        let cut = (0..whole.len()).map(|end| whole.slice(..end));
        let other: [&[u8]; 4] = [b"\xdd\xff\xff\xff\xff", b"\x91\x01", b"\x91\xa2a", b"\x80"];
        for bytes in cut.chain(other.map(Bytes::from_static)) {
            assert!(unpack(&bytes).is_err(), "{bytes:?}");
        }
        for value in [Value::Null, 1.into(), Value::Array(Vec::new())] {
            assert!(packed(value).is_err());
        }
    }

    #[test]
    fn one_text_says_what_failed() {
        let error = unpack(b"\xa3why").unwrap_err();
        assert!(crate::core::chain(&error).contains("why"), "{error:?}");
    }
}
