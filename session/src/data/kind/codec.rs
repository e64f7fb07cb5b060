//! Values as JSON text.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::ser::Error;

/// How a value of type `F` becomes JSON text.
#[diagnostic::on_unimplemented(
    message = "`{F}` can not be a field of a session",
    label = "needs `Serialize` and `DeserializeOwned`",
    note = "derive `Serialize` and `Deserialize` for it and for what is in it; a type of another crate may have a \
            `serde` feature, or take `#[session(with = ..)]`"
)]
pub trait Codec<F>: Send + Sync + 'static {
    /// Returns the text of a value.
    fn encode(&self, value: &F) -> serde_json::Result<String>;

    /// Returns the value of a text.
    fn decode(&self, text: &str) -> serde_json::Result<F>;

    /// Returns the length of a value's text, in bytes.
    fn size(&self, value: &F) -> usize {
        self.encode(value).map_or(0, |text| text.len())
    }
}

/// A value's own `Serialize` and `Deserialize`.
#[derive(Debug, Clone, Copy)]
pub struct Json;

#[diagnostic::do_not_recommend]
impl<F: Serialize + DeserializeOwned> Codec<F> for Json {
    fn encode(&self, value: &F) -> serde_json::Result<String> {
        serde_json::to_string(value)
    }

    fn decode(&self, text: &str) -> serde_json::Result<F> {
        serde_json::from_str(text)
    }

    fn size(&self, value: &F) -> usize {
        json_size(value)
    }
}

/// Where a serde `with` module writes to.
pub type Writer<'w, 't> = &'w mut serde_json::Serializer<&'t mut Vec<u8>>;

/// Where a serde `with` module reads from.
pub type Reader<'w, 't> = &'w mut serde_json::Deserializer<serde_json::de::StrRead<'t>>;

/// The `serialize` and the `deserialize` of a serde `with` module.
pub struct With<F>(
    #[doc(hidden)] pub fn(&F, Writer<'_, '_>) -> serde_json::Result<()>,
    #[doc(hidden)] pub fn(Reader<'_, '_>) -> serde_json::Result<F>,
);

impl<F: 'static> Codec<F> for With<F> {
    fn encode(&self, value: &F) -> serde_json::Result<String> {
        let mut text = Vec::new();
        (self.0)(value, &mut serde_json::Serializer::new(&mut text))?;
        String::from_utf8(text).map_err(serde_json::Error::custom)
    }

    fn decode(&self, text: &str) -> serde_json::Result<F> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = (self.1)(&mut reader)?;
        reader.end().map(|()| value)
    }
}

/// Returns the length of a value's JSON text, in bytes, without making the text.
pub(super) fn json_size<F: Serialize>(value: &F) -> usize {
    let mut length = Length::default();
    // A value that can not be written is refused when it is; its size is of no interest then.
    let _ = serde_json::to_writer(&mut length, value);
    length.bytes
}

/// Returns the length of the JSON object of these keys, and of values of these lengths, in bytes.
pub(super) fn object_size<'k, K: Serialize + 'k>(entries: impl Iterator<Item = (&'k K, usize)>) -> usize {
    // A colon follows each key, and a comma each value but the last.
    let inner: usize = entries.map(|(key, value)| key_size(key) + value + 2).sum();
    inner.max(1) + 1
}

/// Returns the length of a key, which is a text in JSON whatever it is by itself.
fn key_size<K: Serialize>(key: &K) -> usize {
    let mut length = Length::default();
    let _ = serde_json::to_writer(&mut length, key);
    if length.quoted { length.bytes } else { length.bytes + 2 }
}

#[derive(Default)]
struct Length {
    bytes: usize,
    /// Whether it begins as a text does.
    quoted: bool,
}

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.quoted |= self.bytes == 0 && bytes.starts_with(b"\"");
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
