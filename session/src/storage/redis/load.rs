//! Loading a session: one round trip, and one more for a key that is not its current one.
//!
//! Each is a script, since a session may be given another key between reading it and its index.

use std::sync::Arc;

use fred::bytes::Bytes;

use super::Inner;
use super::cache::Cache;
use super::error::unintelligible;
use super::names::{Name, name};
use super::pack::{Pack, unpack};
use super::patch::Steps;
use super::record::Hash;
use super::together::Look;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Fields, Patch, Record};
use crate::storage::together::Way;
use crate::storage::{Commit, Loaded, Via};
use crate::token::{Key, Tag};

/// What was read of a key in one round trip.
pub(super) struct Sight<'s> {
    pub(super) hash: Hash<'s>,
    /// Whether the key is in its index.
    indexed: bool,
    /// The epoch, if there is one.
    epoch: Option<&'s [u8]>,
}

impl<'s> Sight<'s> {
    /// Returns what the script answered; it does not know the epoch if the client does.
    pub(super) fn of(answer: &'s [u8], known: Option<&'s str>) -> Result<Self, StorageError> {
        let mut texts = unpack(answer)?;
        let (Some(epoch), Some(index)) = (texts.pop(), texts.pop()) else {
            return Err(unintelligible("a load without a place in the index"));
        };
        let epoch = known.map(str::as_bytes).or(Some(epoch).filter(|epoch| !epoch.is_empty()));
        Ok(Self { hash: Hash::of(texts)?, indexed: !index.is_empty(), epoch })
    }
}

/// What a key leads to, with the name under which it is.
pub(super) enum Found {
    Live { record: Arc<Record>, via: Via },
    Moved,
    Absent,
}

impl Inner {
    pub(super) async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        let found = self.follow(key, now, Some(&self.cache)).await?;
        if !matches!(found, Found::Live { via: Via::Current, .. }) {
            self.cache.forget(key);
        }
        Ok(match found {
            Found::Live { record, via } => Loaded::Live { record, via },
            Found::Moved => Loaded::Moved,
            Found::Absent => Loaded::Absent,
        })
    }

    /// Finds what a key leads to, and reads it anew.
    pub(super) async fn find(&self, key: &Key, now: Now) -> Result<Found, StorageError> {
        self.follow(key, now, None).await
    }

    async fn follow(&self, key: &Key, now: Now, cache: Option<&Cache>) -> Result<Found, StorageError> {
        let mut lost = None;
        // A session may be given another key between two round trips: what is lost is looked for again, until it is
        // lost under the same name twice.
        loop {
            match self.trace(key, now, cache).await? {
                Ok(found) => return Ok(found),
                Err(name) if lost.as_ref() == Some(&name) => return Ok(Found::Absent),
                Err(name) => lost = Some(name),
            }
        }
    }

    /// Follows a key once. Returns the name under which there is a session that is not its own.
    async fn trace(&self, key: &Key, now: Now, cache: Option<&Cache>) -> Result<Result<Found, Vec<u8>>, StorageError> {
        let (tag, own) = (key.tag(), name(key));
        let known = self.epoch.known(self).await?;
        let seen = self.see(tag, &own).await?;
        let kept = cache.and_then(|cache| cache.get(key, known.as_deref(), &seen));
        if let Some(record) = kept.filter(|record| record.meta.expires_at > now) {
            return Ok(Ok(Found::Live { record, via: Via::Current }));
        }
        let sight = Sight::of(&seen, known.as_deref())?;
        if sight.hash.get("@moved").is_some() {
            let moved = sight.hash.time("@until").is_some_and(|until| until > now);
            let moved = moved && self.is_of_this_epoch(&sight).await?;
            return Ok(Ok(if moved { Found::Moved } else { Found::Absent }));
        }
        let Some(to) = sight.hash.get("@to") else {
            let found = self.judge(sight, Via::Current, now).await?;
            if let (Some(cache), Found::Live { record, .. }) = (cache, &found) {
                cache.put(key, known.as_deref(), &seen, record);
            }
            return Ok(Ok(found));
        };
        let seen = self.see(tag, to).await?;
        let sight = Sight::of(&seen, known.as_deref())?;
        match via(&sight.hash, &own, now) {
            Some(via) => self.judge(sight, via, now).await.map(Ok),
            None => Ok(Err(to.to_owned())),
        }
    }

    /// Reads what is under a name, for [`Sight::of`].
    pub(super) async fn see(&self, tag: Tag, name: &[u8]) -> Result<Bytes, StorageError> {
        let mut keys = Pack::default();
        self.names.of(tag).push_deciding(&mut keys, name);
        let look =
            Look { slot: self.slot(tag), keys, epoch: (!self.connections.clustered).then(|| self.names.epoch()) };
        match &self.together {
            Some(together) => together.loads.carry_out(look).await,
            // Apart, because it is large, and a single server needs it not.
            None => Box::pin(self.connections.alone(&look)).await,
        }
    }

    /// Returns what was read, if it lives. What belongs to somebody and is not in its index does not.
    async fn judge(&self, sight: Sight<'_>, via: Via, now: Now) -> Result<Found, StorageError> {
        if !sight.hash.lives(now) || !self.is_of_this_epoch(&sight).await? {
            return Ok(Found::Absent);
        }
        let record = Arc::new(sight.hash.record()?);
        Ok(if record.meta.identified && !sight.indexed { Found::Absent } else { Found::Live { record, via } })
    }

    async fn is_of_this_epoch(&self, sight: &Sight<'_>) -> Result<bool, StorageError> {
        let written = sight.hash.get("@epoch");
        if written == sight.epoch {
            return Ok(written.is_some());
        }
        match self.epoch.known(self).await? {
            None => Ok(false),
            Some(_) => Ok(written == Some(Box::pin(self.epoch.renew(self)).await?.as_bytes())),
        }
    }

    /// Looks at a session, and returns what a patch makes of it as it is; else why it makes nothing.
    pub(super) async fn look(&self, key: &Key, patch: &Patch, now: Now) -> Result<Result<Steps, Commit>, StorageError> {
        let (before, version) = match self.find(key, now).await? {
            Found::Live { record, .. } => (Fields::clone(record.fields()?), record.meta.version),
            Found::Moved => return Ok(Err(Commit::Moved)),
            Found::Absent => return Ok(Err(Commit::Gone)),
        };
        let mut after = before.clone();
        if let Err(field) = patch.fields()?.apply(&mut after) {
            return Ok(Err(Commit::Conflict(field)));
        }
        Steps::between(version, &before, &after, &patch.meta, now).map(Ok)
    }
}

/// Returns which of a session's other keys this is.
fn via(session: &Hash<'_>, name: &Name, now: Now) -> Option<Via> {
    if session.get("@pending") == Some(name.as_slice()) {
        return Some(Via::Pending);
    }
    let mut words = session.text("@grace").unwrap_or_default().split(' ');
    while let (Some(known), Some(until)) = (words.next(), words.next()) {
        if known.as_bytes() == name && until.parse().is_ok_and(|until: u64| until > now.as_millis()) {
            return Some(Via::Grace);
        }
    }
    None
}

/// Returns an error where a script named no session.
pub(super) fn named(tag: Tag, name: &[u8]) -> Result<Key, StorageError> {
    super::names::key(tag, name).ok_or_else(|| unintelligible("a name that is none"))
}
