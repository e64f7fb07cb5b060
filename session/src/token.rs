//! The names of a session: the token is a secret, the key is its hash, the handle is public.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket::async_trait;
use rocket::form::{self, FromFormField, ValueField};
use rocket::request::FromParam;
use sha2::{Digest, Sha256};

/// What groups the sessions of one identifier: 128 bits, random for a session without one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag([u8; 16]);

/// The secret that a client holds: 256 random bits and, in the clear, its session's tag.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    tag: Tag,
    secret: [u8; 32],
}

/// The name under which a storage keeps a session: the SHA-256 of its token, and its tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    tag: Tag,
    hash: [u8; 32],
}

/// The public name of a session, the same across rotations, and useless as a credential.
///
/// Its text is 43 characters of `A-Z a-z 0-9 - _`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    tag: Tag,
    own: [u8; 16],
}

/// The owner of sessions, as a storage groups them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity(Tag);

/// The operating system gave no random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRandomness;

fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

impl Tag {
    /// Returns the tag of its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn random() -> Result<Self, NoRandomness> {
        random().map(Self)
    }
}

impl Identity {
    /// Returns the identity of an identifier's text, among the sessions of type `name`.
    pub fn new(name: &str, identifier: &str) -> Self {
        let json = serde_json::Value::from(identifier).to_string();
        let digest = Sha256::new().chain_update(name).chain_update([0]).chain_update(json).finalize();
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest[..16]);
        Self(Tag(tag))
    }

    /// Returns the tag that all sessions of this identity bear.
    pub const fn tag(&self) -> Tag {
        self.0
    }
}

impl Token {
    pub(crate) const LENGTH: usize = 48;

    pub(crate) fn random(tag: Tag) -> Result<Self, NoRandomness> {
        Ok(Self { tag, secret: random()? })
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (secret, tag) = bytes.split_at_checked(32)?;
        Some(Self { secret: secret.try_into().ok()?, tag: Tag(tag.try_into().ok()?) })
    }

    pub(crate) fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..32].copy_from_slice(&self.secret);
        bytes[32..].copy_from_slice(&self.tag.0);
        bytes
    }

    pub(crate) fn key(&self) -> Key {
        Key { tag: self.tag, hash: Sha256::digest(self.secret).into() }
    }
}

impl Key {
    /// Returns the key of a tag and a hash.
    pub const fn new(tag: Tag, hash: [u8; 32]) -> Self {
        Self { tag, hash }
    }

    /// Returns the tag, which all sessions of one identifier share.
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// Returns the SHA-256 of the token's secret.
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl Handle {
    pub(crate) fn random(tag: Tag) -> Result<Self, NoRandomness> {
        Ok(Self { tag, own: random()? })
    }

    /// Returns the handle of its 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut handle = Self { tag: Tag([0; 16]), own: [0; 16] };
        handle.tag.0.copy_from_slice(&bytes[..16]);
        handle.own.copy_from_slice(&bytes[16..]);
        handle
    }

    /// Returns the 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.tag.0);
        bytes[16..].copy_from_slice(&self.own);
        bytes
    }

    /// Returns the tag, which all sessions of one identifier share.
    pub const fn tag(&self) -> Tag {
        self.tag
    }
}

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

macro_rules! named_debug {
    ($($type:ident: $self:ident => $text:expr;)*) => { $(
        impl fmt::Debug for $type {
            fn fmt(&$self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($type), "({})"), $text)
            }
        }
    )* };
}

named_debug! {
    Tag: self => BASE64.encode(self.0);
    Key: self => BASE64.encode(&self.hash[..6]);
    Handle: self => self;
    Identity: self => BASE64.encode(self.0.0);
    Token: self => "secret";
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
