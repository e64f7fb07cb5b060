//! Values as JSON text.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How a value of type `F` becomes JSON text.
pub trait Codec<F>: Copy + Send + Sync + 'static {
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

/// Returns the length of a value's JSON text, in bytes, without making the text.
pub(super) fn json_size<F: Serialize>(value: &F) -> usize {
    let mut length = Length(0);
    // A value that can not be written is refused when it is; its size is of no interest then.
    let _ = serde_json::to_writer(&mut length, value);
    length.0
}

struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
