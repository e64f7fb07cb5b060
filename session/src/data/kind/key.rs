//! Keys of maps and members of sets, as text.

use serde::Serialize;
use serde::ser::Error;
use serde_json::Value;

/// Returns the text of a key, as JSON writes it in an object.
///
/// # Errors
///
/// Strings, numbers, booleans and unit variants are keys; anything else is refused, as `serde_json` refuses it.
pub(crate) fn key_text<K: Serialize>(key: &K) -> serde_json::Result<String> {
    match serde_json::to_value(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(serde_json::Error::custom("a key is a string, a number, a boolean or a unit variant"))
        }
    }
}
