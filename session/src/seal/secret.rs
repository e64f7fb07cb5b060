//! A key that an operator writes down.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, de};

/// At least 256 secret bits, from which all keys are derived.
///
/// It is written as Rocket's `secret_key` is: 44 or 88 characters of base64, 64 of hexadecimal, or a sequence of at
/// least 32 bytes. `openssl rand -base64 32` makes one. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

/// A text or a sequence of bytes that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSecret;

impl Secret {
    const LEAST: usize = 32;

    /// Returns the key of its bytes.
    ///
    /// # Errors
    ///
    /// If they are fewer than 32, or all are zero.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Result<Self, InvalidSecret> {
        let bytes = bytes.into();
        if bytes.len() < Self::LEAST || bytes.iter().all(|byte| *byte == 0) {
            return Err(InvalidSecret);
        }
        Ok(Self(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_bytes(decode(text).ok_or(InvalidSecret)?)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    match text.len() {
        44 | 88 => BASE64.decode(text).ok(),
        64 => hexadecimal(text),
        _ => None,
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer)?.secret().ok_or_else(|| de::Error::custom(InvalidSecret))
    }
}

/// What stands for a key in a configuration; zeros are how Rocket writes that there is none.
pub(super) struct Written(Vec<u8>);

impl Written {
    pub(super) fn secret(self) -> Option<Secret> {
        Secret::from_bytes(self.0).ok()
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = deserializer.deserialize_any(Visitor)?;
        if written.0.len() < Secret::LEAST { Err(de::Error::custom(InvalidSecret)) } else { Ok(written) }
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Written;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&InvalidSecret, formatter)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Written, E> {
        decode(text).map(Written).ok_or_else(|| E::custom(InvalidSecret))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Written, E> {
        Ok(Written(bytes.to_vec()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Written, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(Written(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl fmt::Display for InvalidSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("44 or 88 characters of base64, 64 of hexadecimal, or at least 32 bytes, not all zero")
    }
}

impl std::error::Error for InvalidSecret {}
