//! Many texts as one, as scripts take and give them: an array of `MessagePack`, which they read and write by themselves.
//! Neither side then looks at each text as an argument or an answer of its own.

use std::fmt::Display;

use fred::types::Value;
use rmp::encode::{ByteBuf, RmpWrite, write_str};
use rmp::{Marker, decode};

use super::error::unintelligible;
use crate::error::StorageError;

/// Texts for a script.
#[derive(Debug, Clone, Default)]
pub(super) struct Pack {
    bytes: ByteBuf,
    len: u32,
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
        let Ok(()) = write_str(&mut self.bytes, text);
        self.len += 1;
    }

    /// Adds a number, or what else is to be seen as text.
    pub(super) fn push_shown(&mut self, shown: impl Display) {
        self.push(&shown.to_string());
    }

    pub(super) fn push_pair(&mut self, name: &str, text: &str) {
        self.push(name);
        self.push(text);
    }

    pub(super) fn append(&mut self, other: &Self) {
        let Ok(()) = self.bytes.write_bytes(other.bytes.as_slice());
        self.len += other.len;
    }

    /// Adds how many texts others are, and these.
    pub(super) fn append_counted(&mut self, others: &Self) {
        self.push_shown(others.len);
        self.append(others);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the argument of a script.
    pub(super) fn to_value(&self) -> Value {
        let texts = self.bytes.as_slice();
        let mut array = Vec::with_capacity(texts.len() + 5);
        array.push(Marker::Array32.to_u8());
        array.extend(self.len.to_be_bytes());
        array.extend(texts);
        Value::Bytes(array.into())
    }
}

/// Returns the texts that a script packed.
pub(super) fn unpack(packed: &Value) -> Result<Vec<&str>, StorageError> {
    let mut rest: &[u8] = match packed {
        Value::Bytes(bytes) => bytes,
        Value::String(text) => text.as_bytes(),
        _ => return Err(strange()),
    };
    let len = decode::read_array_len(&mut rest).map_err(|_| strange())?;
    // Each takes a byte at least.
    let mut texts = Vec::with_capacity(rest.len().min(len as usize));
    for _ in 0..len {
        let (text, after) = decode::read_str_from_slice(rest).map_err(|_| strange())?;
        texts.push(text);
        rest = after;
    }
    Ok(texts)
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
        let packed = Pack::of(texts).to_value();
        assert_eq!(unpack(&packed).unwrap(), texts);
    }

    #[test]
    fn packs_are_joined_and_counted() {
        let mut pack = Pack::default();
        assert!(pack.is_empty());
        pack.push("a");
        pack.append_counted(&Pack::of(["b", "c"]));
        pack.push_pair("d", "e");
        assert_eq!(unpack(&pack.to_value()).unwrap(), ["a", "2", "b", "c", "d", "e"]);
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        let whole = Pack::of(["session", "text"]).to_value().into_bytes().unwrap();
        let cut = (0..whole.len()).map(|end| Value::Bytes(whole.slice(..end)));
        let other: [&[u8]; 4] = [b"\xdd\xff\xff\xff\xff", b"\x91\x01", b"\x91\xa1\xff", b"\x80"];
        for value in cut.chain(other.map(|bytes| Value::Bytes(bytes.into()))).chain([Value::Null, 1.into()]) {
            assert!(unpack(&value).is_err(), "{value:?}");
        }
    }
}
