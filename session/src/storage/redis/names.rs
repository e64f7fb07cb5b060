//! What things are called in Redis.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use fred::util::redis_keyslot;

use crate::token::{Key, Tag};

/// The names of keys. What bears one tag is in one slot.
#[derive(Debug, Clone)]
pub(super) struct Names {
    prefix: String,
    epoch: String,
}

impl Names {
    pub(super) fn new(prefix: String) -> Self {
        Self { epoch: format!("{prefix}epoch"), prefix }
    }

    /// Returns the key of a session.
    pub(super) fn session(&self, key: &Key) -> String {
        self.member(key.tag(), &name(key))
    }

    /// Returns the key of a session by its name among those of its tag.
    pub(super) fn member(&self, tag: Tag, name: &str) -> String {
        let mut key = String::with_capacity(self.prefix.len() + name.len() + 25);
        key.push_str(&self.prefix);
        key.push('{');
        BASE64.encode_string(tag.as_bytes(), &mut key);
        key.push_str("}:");
        key.push_str(name);
        key
    }

    /// Returns the key of the sorted set that decides who lives.
    pub(super) fn index(&self, tag: Tag) -> String {
        self.member(tag, "i")
    }

    /// Returns the key of the hash from handles to names.
    pub(super) fn handles(&self, tag: Tag) -> String {
        self.member(tag, "h")
    }

    /// Returns the key of the number that every session must bear.
    pub(super) fn epoch(&self) -> String {
        self.epoch.clone()
    }

    /// Returns the session that a key is of.
    pub(super) fn parse(&self, text: &str) -> Option<Key> {
        let (tag, name) = text.strip_prefix(&self.prefix)?.strip_prefix('{')?.split_once("}:")?;
        let tag = BASE64.decode(tag).ok()?.try_into().ok()?;
        key(Tag::from_bytes(tag), name)
    }
}

/// Returns the slot of everything that bears a tag.
pub(super) fn slot(tag: Tag) -> u16 {
    redis_keyslot(BASE64.encode(tag.as_bytes()).as_bytes())
}

/// Returns the name of a session among those of its tag.
pub(super) fn name(key: &Key) -> String {
    BASE64.encode(key.hash())
}

/// Returns the session of a name among those of its tag.
pub(super) fn key(tag: Tag, name: &str) -> Option<Key> {
    Some(Key::new(tag, BASE64.decode(name).ok()?.try_into().ok()?))
}
