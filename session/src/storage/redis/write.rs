//! Writes: each is one script.

use std::num::NonZeroU32;
use std::sync::Arc;

use fred::bytes::Bytes;
use rocket::tokio::spawn;

use super::call::{Answer, Call};
use super::client::Command;
use super::names::name;
use super::pack::Pack;
use super::patch::Steps;
use super::record::encode;
use super::{Inner, script};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created};
use crate::token::{Handle, Key, Tag};

/// The bytes that a session's keys find room in, unless their prefix is long.
const KEYS: usize = 256;

/// The name of a key that is never there.
const NEVER: &[u8] = b"-";

impl Inner {
    /// Returns the key of a session and that of its index.
    pub(super) fn keys_that_decide(&self, key: &Key) -> Pack {
        let mut keys = Pack::default();
        self.names.of(key.tag()).push_deciding(&mut keys, &name(key));
        keys
    }

    /// Returns the key of a session, those of its index and of its handles.
    pub(super) fn keys_of(&self, key: &Key) -> Pack {
        let (names, mut keys) = (self.names.of(key.tag()), Pack::with_room(KEYS));
        names.push_deciding(&mut keys, &name(key));
        keys.push_joined(names.handles());
        keys
    }

    /// Returns the keys of a session that is to be ended, and one that is never there, for which the script waits until
    /// their slot is not being moved.
    pub(super) fn keys_of_ended(&self, key: &Key) -> Pack {
        let mut keys = self.keys_of(key);
        self.names.of(key.tag()).push_session(&mut keys, NEVER);
        keys
    }

    /// Frees the records of sessions that were ended; they are dead already.
    pub(super) fn free(self: &Arc<Self>, tag: Tag, names: Vec<Bytes>) {
        if names.is_empty() {
            return;
        }
        let inner = self.clone();
        spawn(async move {
            let tagged = inner.names.of(tag);
            for names in names.chunks(1000) {
                let unlink = Command::Unlink(names.iter().map(|name| tagged.member(name).concat()).collect());
                // What stays is freed by its time to live.
                let _ = inner.connections.read(&unlink).await;
            }
        });
    }

    /// Returns the handles of those that were evicted, and frees their records.
    pub(super) fn evicted(self: &Arc<Self>, tag: Tag, answer: &Answer) -> Vec<Handle> {
        self.free(tag, answer.rest.iter().skip(1).step_by(2).cloned().collect());
        answer.texts().step_by(2).filter_map(|handle| handle.parse().ok()).collect()
    }

    pub(super) async fn create(
        self: &Arc<Self>,
        key: &Key,
        record: &Record,
        now: Now,
    ) -> Result<Created, StorageError> {
        let (keys, args) = (self.keys_of(key), encode(record, now)?);
        let call = Call { script: &script::CREATE, tag: key.tag(), keys, args, now };
        let answer = self.call(call).await?;
        match answer.word.as_str() {
            "rotated" => Ok(Created::Created { evicted: self.evicted(key.tag(), &answer) }),
            "taken" => Ok(Created::Taken),
            _ => Err(answer.unexpected()),
        }
    }

    pub(super) async fn commit(self: &Arc<Self>, key: &Key, patch: &Patch, now: Now) -> Result<Commit, StorageError> {
        if patch.meta.handle.is_some() || patch.meta.identified.is_some() {
            return Err(StorageError::Unsupported("a session gets another owner by a rotation"));
        }
        let call = |steps: Steps| self.change(key, steps, now);
        self.apply(key, patch, now, call).await
    }

    pub(super) async fn touch(&self, key: &Key, seen: &Seen, now: Now) -> Result<bool, StorageError> {
        let call = self.change(key, Steps::touch(seen, now), now);
        Ok(applied(&self.call(call).await?)? == Some(Commit::DONE))
    }

    /// Returns a commit. It needs the handles only where it changes what they say; a pending key asks for them.
    fn change(&self, key: &Key, steps: Steps, now: Now) -> Call {
        let keys = if steps.settles() { self.keys_of(key) } else { self.keys_that_decide(key) };
        Call { script: &script::COMMIT, tag: key.tag(), keys, args: steps.into_pack(), now }
    }

    pub(super) async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        let mut key = *key;
        loop {
            let (keys, args) = (self.keys_of_ended(&key), Pack::default());
            let call = Call { script: &script::DELETE, tag: key.tag(), keys, args, now };
            let answer = self.call(call).await?;
            match (answer.word.as_str(), self.marker(&answer)) {
                ("done", _) => return Ok(true),
                ("moved", Some((to, true))) => key = to,
                ("moved" | "gone", _) => return Ok(false),
                _ => return Err(answer.unexpected()),
            }
        }
    }

    /// Returns where a marker leads, and whether an end follows it.
    pub(super) fn marker(&self, answer: &Answer) -> Option<(Key, bool)> {
        let mut texts = answer.texts();
        let key = self.names.parse(texts.next()?)?;
        Some((key, texts.next()? == "true"))
    }
}

pub(super) fn max(max: Option<NonZeroU32>) -> String {
    max.map_or_else(String::new, |max| max.to_string())
}

/// Returns what became of a change, or [`None`] if the session must be looked at first.
pub(super) fn applied(answer: &Answer) -> Result<Option<Commit>, StorageError> {
    match answer.word.as_str() {
        "done" => Ok(Some(Commit::DONE)),
        "gone" => Ok(Some(Commit::Gone)),
        "moved" => Ok(Some(Commit::Moved)),
        "unclear" => Ok(None),
        _ => Err(answer.unexpected()),
    }
}
