//! What things are called in Redis.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use fred::util::redis_keyslot;

use super::pack::Pack;
use crate::token::{Key, Tag};

/// The name of a session among those of its tag.
pub(super) type Name = [u8; 43];

/// The names of keys. What bears one tag is in one slot.
#[derive(Debug, Clone)]
pub(super) struct Names {
    prefix: String,
    epoch: Arc<str>,
}

/// The names of keys that bear one tag.
pub(super) struct Tagged<'n> {
    prefix: &'n str,
    tag: [u8; 22],
}

impl Names {
    pub(super) fn new(prefix: String) -> Self {
        Self { epoch: format!("{prefix}epoch").into(), prefix }
    }

    /// Returns the key of the number that every session must bear.
    pub(super) fn epoch(&self) -> Arc<str> {
        self.epoch.clone()
    }

    pub(super) fn of(&self, tag: Tag) -> Tagged<'_> {
        Tagged { prefix: &self.prefix, tag: base64(tag.as_bytes()) }
    }

    /// Returns the session that a key is of.
    pub(super) fn parse(&self, text: &str) -> Option<Key> {
        let (tag, name) = text.strip_prefix(&self.prefix)?.strip_prefix('{')?.split_once("}:")?;
        let tag = BASE64.decode(tag).ok()?.try_into().ok()?;
        key(Tag::from_bytes(tag), name)
    }
}

impl Tagged<'_> {
    /// Returns the parts of the key of a session, by its name among those of its tag.
    pub(super) fn member<'k>(&'k self, name: &'k [u8]) -> [&'k [u8]; 5] {
        [self.prefix.as_bytes(), b"{", &self.tag, b"}:", name]
    }

    /// Adds the key of a session.
    pub(super) fn push_session(&self, keys: &mut Pack, name: &[u8]) {
        keys.push_joined(self.member(name));
    }

    /// Adds the key of a session, and that of its index.
    pub(super) fn push_deciding(&self, keys: &mut Pack, name: &[u8]) {
        self.push_session(keys, name);
        self.push_index(keys);
    }

    /// Adds the key of the sorted set that decides who lives.
    pub(super) fn push_index(&self, keys: &mut Pack) {
        keys.push_joined(self.index());
    }

    /// Returns the parts of the key of the sorted set that decides who lives.
    pub(super) fn index(&self) -> [&[u8]; 5] {
        self.member(b"i")
    }

    /// Returns the parts of the key of the hash from handles to names.
    pub(super) fn handles(&self) -> [&[u8]; 5] {
        self.member(b"h")
    }
}

/// Returns the slot of everything that bears a tag.
pub(super) fn slot(tag: Tag) -> u16 {
    redis_keyslot(&base64::<22>(tag.as_bytes()))
}

/// Returns the name of a session among those of its tag.
pub(super) fn name(key: &Key) -> Name {
    base64(key.hash())
}

/// Returns the session of a name among those of its tag.
pub(super) fn key(tag: Tag, name: impl AsRef<[u8]>) -> Option<Key> {
    Some(Key::new(tag, BASE64.decode(name).ok()?.try_into().ok()?))
}

/// Returns the letters for so many bytes as have so many.
fn base64<const LETTERS: usize>(bytes: &[u8]) -> [u8; LETTERS] {
    let mut letters = [0; LETTERS];
    let written = BASE64.encode_slice(bytes, &mut letters);
    debug_assert_eq!(written, Ok(LETTERS));
    letters
}
