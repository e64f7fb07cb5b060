//! Many texts as one, as scripts take and give them: an array of `MessagePack`, which they read and write by themselves.
//! Neither side then looks at each text as an argument or an answer of its own.

use std::fmt::Display;

use fred::bytes::Bytes;
use fred::types::Value;
use itoa::{Buffer, Integer};
use rmp::encode::{ByteBuf, write_str_len};
use rmp::{Marker, decode};

use super::error::unintelligible;
use crate::error::StorageError;

/// The bytes before the texts: what they are, and how many.
const HEAD: usize = 5;

/// The bytes that most packs find room in.
const ROOM: usize = 128;

/// Texts for a script.
#[derive(Debug, Clone, Default)]
pub(super) struct Pack {
    /// The texts behind the room for their head; nothing, if there are none.
    bytes: ByteBuf,
    len: u32,
}

impl Pack {
    /// Returns no texts, with room for so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        let mut pack = Self { bytes: ByteBuf::with_capacity(bytes), len: 0 };
        pack.bytes.as_mut_vec().extend([0; HEAD]);
        pack
    }

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

    /// Adds one text, given in parts.
    pub(super) fn push_joined<const N: usize>(&mut self, parts: [&[u8]; N]) {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let bytes = self.next();
        // No session's text is as long as 4 GiB.
        let Ok(_) = write_str_len(bytes, u32::try_from(len).unwrap_or(u32::MAX));
        for part in parts {
            bytes.as_mut_vec().extend_from_slice(part);
        }
    }

    /// Returns where to add a text.
    fn next(&mut self) -> &mut ByteBuf {
        self.len += 1;
        self.bytes()
    }

    fn bytes(&mut self) -> &mut ByteBuf {
        if self.bytes.as_slice().is_empty() {
            let bytes = self.bytes.as_mut_vec();
            bytes.reserve(ROOM);
            bytes.extend([0; HEAD]);
        }
        &mut self.bytes
    }

    pub(super) fn push_number(&mut self, number: impl Integer) {
        self.push(Buffer::new().format(number));
    }

    /// Adds what is to be seen as text.
    pub(super) fn push_shown(&mut self, shown: impl Display) {
        self.push(&shown.to_string());
    }

    pub(super) fn push_pair(&mut self, name: &str, text: &str) {
        self.push(name);
        self.push(text);
    }

    /// Adds the texts that `add` adds, as one list.
    pub(super) fn push_list(&mut self, add: impl FnOnce(&mut Self)) {
        let (start, len) = (self.next().as_slice().len(), self.len);
        self.bytes.as_mut_vec().extend([0; HEAD]);
        self.len = 0;
        add(self);
        let head = self.head();
        self.bytes.as_mut_vec()[start..][..HEAD].copy_from_slice(&head);
        self.len = len;
    }

    pub(super) fn append(&mut self, other: &Self) {
        if !other.is_empty() {
            self.bytes().as_mut_vec().extend_from_slice(other.texts());
            self.len += other.len;
        }
    }

    /// Adds how many texts others are, and these.
    pub(super) fn append_counted(&mut self, others: &Self) {
        self.push_number(others.len);
        self.append(others);
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// Returns how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.as_slice().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn head(&self) -> [u8; HEAD] {
        let [first, second, third, fourth] = self.len.to_be_bytes();
        [Marker::Array32.to_u8(), first, second, third, fourth]
    }

    fn texts(&self) -> &[u8] {
        self.bytes.as_slice().get(HEAD..).unwrap_or_default()
    }

    /// Returns the texts as a script takes them.
    pub(super) fn into_bytes(mut self) -> Bytes {
        let head = self.head();
        self.bytes().as_mut_vec()[..HEAD].copy_from_slice(&head);
        self.bytes.into_vec().into()
    }
}

/// Returns the texts of what was packed here.
pub(super) fn texts(packed: &Bytes) -> impl Iterator<Item = Bytes> {
    let mut rest = packed.get(HEAD..).unwrap_or_default();
    std::iter::from_fn(move || next(&mut rest).map(|text| packed.slice_ref(text)))
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

/// Returns the pairs of a name and a text of `after` that `before` has with another text; nothing if their names differ.
///
/// Behind the pairs are two texts more, of which the first differs if it is there still, and the second not at all.
pub(super) fn differences<'p>(before: &[u8], after: &'p [u8]) -> Option<Vec<(&'p [u8], &'p [u8])>> {
    let (mut old, mut new) = (before, after);
    let len = decode::read_array_len(&mut old).ok()?;
    if decode::read_array_len(&mut new).ok()? != len {
        return None;
    }
    let mut differences = Vec::new();
    for _ in 0..(len / 2).checked_sub(1)? {
        let pair = new;
        let (name, text) = (next(&mut new)?, next(&mut new)?);
        // Most are the same, which costs least to see at once.
        if let Some(rest) = old.strip_prefix(&pair[..pair.len() - new.len()]) {
            old = rest;
            continue;
        }
        if next(&mut old)? != name {
            return None;
        }
        next(&mut old)?;
        differences.push((name, text));
    }
    let (was, is) = (next(&mut old)?, next(&mut new)?);
    (was.is_empty() == is.is_empty() && old == new).then_some(differences)
}

/// Takes the next text.
fn next<'p>(rest: &mut &'p [u8]) -> Option<&'p [u8]> {
    let len = match rest.split_first()? {
        // As most are; to look for the others costs three times as much.
        (marker @ 0xa0..=0xbf, after) => {
            *rest = after;
            usize::from(marker - 0xa0)
        }
        _ => decode::read_str_len(rest).ok()? as usize,
    };
    let (text, after) = rest.split_at_checked(len)?;
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

    #[test]
    fn what_is_packed_is_unpacked() {
        let long = "é".repeat(40_000);
        let texts =
            ["", "a", "\0\"\\\n", "9223372036854775807", &"b".repeat(31), &"c".repeat(32), &"d".repeat(256), &long];
        let packed = Pack::of(texts).into_bytes();
        assert!(super::texts(&packed).eq(texts.map(str::as_bytes)));
        assert_eq!(unpack(&packed).unwrap(), texts.map(str::as_bytes));
    }

    #[test]
    fn packs_are_joined_and_counted() {
        let mut pack = Pack::default();
        assert!(pack.is_empty());
        pack.push_joined([b"", b"a", b"b"]);
        pack.append_counted(&Pack::of(["b", "c"]));
        pack.push_pair("d", "e");
        pack.append(&Pack::default());
        assert_eq!(pack.len(), 6);
        assert_eq!(unpack(&pack.into_bytes()).unwrap(), [&b"ab"[..], b"2", b"b", b"c", b"d", b"e"]);
        for empty in [Pack::default(), Pack::with_room(99)] {
            assert!(unpack(&empty.into_bytes()).unwrap().is_empty());
        }
    }

    #[test]
    fn numbers_are_texts() {
        let mut pack = Pack::default();
        pack.push_number(u64::MAX);
        pack.push_number(-1);
        pack.push_shown(1.5);
        assert_eq!(pack.into_bytes(), Pack::of(["18446744073709551615", "-1", "1.5"]).into_bytes());
    }

    #[test]
    fn a_list_is_one_of_the_others() {
        let mut pack = Pack::default();
        pack.push_list(|list| list.append(&Pack::of(["b", "c"])));
        pack.push("d");
        pack.push_list(|_| {});
        let packed = b"\xdd\0\0\0\x03\xdd\0\0\0\x02\xa1b\xa1c\xa1d\xdd\0\0\0\0";
        assert_eq!(pack.into_bytes(), &packed[..]);
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        let whole = Pack::of(["session", "text"]).into_bytes();
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
    fn differing_texts_are_found() {
        let long = "x".repeat(300);
        let pack = |texts: [&str; 8]| Pack::of(texts).into_bytes();
        let before = pack(["a", "1", "é", "\"é\"", "b", &long, "7", "epoch"]);
        let after = |texts| pack(texts).to_vec();
        let differing = |texts| {
            let after = after(texts);
            let found = differences(&before, &after)?;
            Some(found.into_iter().map(|(name, text)| [name.to_vec(), text.to_vec()]).collect::<Vec<_>>())
        };
        let pair = |name: &str, text: &str| [name.as_bytes().to_vec(), text.as_bytes().to_vec()];
        assert_eq!(differing(["a", "1", "é", "\"é\"", "b", &long, "7", "epoch"]).unwrap(), [] as [[Vec<u8>; 2]; 0]);
        let found = differing(["a", &long, "é", "\"é\"", "b", "2", "8", "epoch"]).unwrap();
        assert_eq!(found, [pair("a", &long), pair("b", "2")]);
        for texts in [
            ["c", "1", "é", "\"é\"", "b", &long, "7", "epoch"],
            ["a", "1", "é", "\"é\"", "b", &long, "", "epoch"],
            ["a", "1", "é", "\"é\"", "b", &long, "7", "other"],
            ["a", "1", "b", &long, "é", "\"é\"", "7", "epoch"],
        ] {
            assert!(differing(texts).is_none(), "{texts:?}");
        }
        let fewer = Pack::of(["a", "1", "7", "epoch"]).into_bytes();
        assert!(differences(&before, &fewer).is_none() && differences(&fewer, &before).is_none());
        for end in 0..before.len() {
            assert!(differences(&before, &before[..end]).is_none());
            assert!(differences(&before[..end], &before).is_none());
        }
        let none = Pack::default().into_bytes();
        assert!(differences(&none, &none).is_none());
    }

    #[test]
    fn one_text_says_what_failed() {
        let error = unpack(b"\xa3why").unwrap_err();
        assert!(crate::core::chain(&error).contains("why"), "{error:?}");
    }
}
