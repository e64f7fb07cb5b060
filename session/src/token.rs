//! The names of a session: the token is a secret, the key is its hash, the handle is public.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
mod text;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

pub use self::text::InvalidHandle;

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
/// Its text is 43 characters of `A-Z a-z 0-9 - _`, in paths and forms, and with serde. A text that is none is refused as
/// any other parameter is: a route or a form with 422.
///
/// # Examples
///
/// ```
/// use rocket::response::Redirect;
/// use rocket::{get, post, uri};
/// use rocket_typed_session::{Handle, Session, SessionError};
///
/// #[derive(Clone, Session)]
/// #[session(required)]
/// struct User {
///     #[session(identifier)]
///     id: i64,
/// }
///
/// #[get("/devices")]
/// async fn devices(session: Session<'_, User>) -> Result<String, SessionError> {
///     let entries = session.list().await?.ok_or(SessionError::Missing)?;
///     Ok(entries.iter().map(|entry| format!("{}\n", uri!(end(entry.handle)))).collect())
/// }
///
/// #[post("/devices/<handle>/end")]
/// async fn end(handle: Handle, session: Session<'_, User>) -> Result<Redirect, SessionError> {
///     session.end_one(&handle).await?;
///     Ok(Redirect::to(uri!(devices)))
/// }
///
/// let handle = Handle::from_bytes([7; 32]);
/// assert_eq!(uri!(end(handle)).to_string(), format!("/devices/{handle}/end"));
/// ```
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
