//! The text of a handle: in URIs, in forms, and with serde.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket::async_trait;
use rocket::form::{self, FromFormField, ValueField};
use rocket::http::impl_from_uri_param_identity;
use rocket::http::uri::fmt::{Formatter, Part, UriDisplay};
use rocket::request::FromParam;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Handle;

impl fmt::Display for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64.encode(self.to_bytes()))
    }
}

/// A text that is no handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidHandle;

impl fmt::Display for InvalidHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a handle is 43 characters of `A-Z a-z 0-9 - _`")
    }
}

impl std::error::Error for InvalidHandle {}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        match BASE64.decode_slice(text, &mut bytes) {
            Ok(32) => Ok(Self::from_bytes(bytes)),
            _ => Err(InvalidHandle),
        }
    }
}

impl<'r> FromParam<'r> for Handle {
    type Error = InvalidHandle;

    fn from_param(param: &'r str) -> Result<Self, Self::Error> {
        param.parse()
    }
}

#[async_trait]
impl<'r> FromFormField<'r> for Handle {
    fn from_value(field: ValueField<'r>) -> form::Result<'r, Self> {
        field.value.parse().map_err(|error: InvalidHandle| form::Error::validation(error.to_string()).into())
    }
}

impl<P: Part> UriDisplay<P> for Handle {
    fn fmt(&self, formatter: &mut Formatter<'_, P>) -> fmt::Result {
        UriDisplay::fmt(&self.to_string(), formatter)
    }
}

impl_from_uri_param_identity!(Handle);

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
