//! Loading a session: one round trip, and one more for a key that is not its current one.

use std::sync::Arc;

use fred::types::Value;

use super::Inner;
use super::client::Command;
use super::error::unintelligible;
use super::names::name;
use super::patch::Steps;
use super::record::Hash;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Fields, Patch, Record};
use crate::storage::{Commit, Loaded, Via};
use crate::token::{Key, Tag};

/// What was read of a key in one round trip.
struct Sight {
    hash: Hash,
    /// Whether the key is in its index.
    indexed: bool,
    /// The epoch, where it is read along.
    epoch: Option<String>,
}

/// What a key leads to, with the name under which it is.
pub(super) enum Found {
    Live { record: Record, via: Via },
    Moved,
    Absent,
}

impl Inner {
    pub(super) async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        Ok(match self.find(key, now).await? {
            Found::Live { record, via } => Loaded::Live { record: Arc::new(record), via },
            Found::Moved => Loaded::Moved,
            Found::Absent => Loaded::Absent,
        })
    }

    pub(super) async fn find(&self, key: &Key, now: Now) -> Result<Found, StorageError> {
        let own = name(key);
        let mut lost = None;
        // A session may be given another key between two reads: what is lost is looked for again, until it is lost
        // under the same name twice.
        loop {
            match self.trace(key.tag(), &own, now).await? {
                Ok(found) => return Ok(found),
                Err(name) if lost.as_ref() == Some(&name) => return Ok(Found::Absent),
                Err(name) => lost = Some(name),
            }
        }
    }

    /// Follows a key once. Returns the name under which there was a session that is not its own, or not in its index.
    async fn trace(&self, tag: Tag, own: &str, now: Now) -> Result<Result<Found, String>, StorageError> {
        let sight = self.see(tag, own).await?;
        if sight.hash.get("@moved").is_some() {
            let moved = sight.hash.time("@until").is_some_and(|until| until > now);
            let moved = moved && self.is_of_this_epoch(&sight).await?;
            return Ok(Ok(if moved { Found::Moved } else { Found::Absent }));
        }
        let Some(to) = sight.hash.get("@to").map(str::to_owned) else {
            return Ok(self.judge(sight, Via::Current, now).await?.ok_or_else(|| own.to_owned()));
        };
        let sight = self.see(tag, &to).await?;
        match via(&sight.hash, own, now) {
            Some(via) => Ok(self.judge(sight, via, now).await?.ok_or(to)),
            None => Ok(Err(to)),
        }
    }

    async fn see(&self, tag: Tag, member: &str) -> Result<Sight, StorageError> {
        let mut commands = vec![
            Command::Hgetall(self.names.member(tag, member)),
            Command::Zscore(self.names.index(tag), member.to_owned()),
        ];
        let epoch = self.epoch.known(self).await?;
        if epoch.is_none() {
            commands.push(Command::Get(self.names.epoch()));
        }
        let mut values = self.connections.read(&commands).await?.into_iter();
        let hash = Hash::new(values.next().unwrap_or(Value::Null))?;
        let indexed = values.next().is_some_and(|score| !score.is_null());
        Ok(Sight { hash, indexed, epoch: epoch.or_else(|| values.next()?.into_string()) })
    }

    /// Returns what was read, unless it belongs to somebody and is not in its index.
    async fn judge(&self, sight: Sight, via: Via, now: Now) -> Result<Option<Found>, StorageError> {
        if sight.hash.is_empty() || sight.hash.time("@expires_at").is_none_or(|end| end <= now) {
            return Ok(Some(Found::Absent));
        }
        if !self.is_of_this_epoch(&sight).await? {
            return Ok(Some(Found::Absent));
        }
        let record = sight.hash.record()?;
        Ok((!record.meta.identified || sight.indexed).then_some(Found::Live { record, via }))
    }

    async fn is_of_this_epoch(&self, sight: &Sight) -> Result<bool, StorageError> {
        let written = sight.hash.get("@epoch");
        if written == sight.epoch.as_deref() {
            return Ok(written.is_some());
        }
        match self.epoch.known(self).await? {
            None => Ok(false),
            Some(_) => Ok(written == Some(Box::pin(self.epoch.renew(self)).await?.as_str())),
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

    /// Returns the session of what a script listed.
    pub(super) fn listed(values: Value, now: Now) -> Result<Option<Record>, StorageError> {
        let hash = Hash::new(values)?;
        if hash.is_empty() || hash.time("@expires_at").is_none_or(|end| end <= now) {
            return Ok(None);
        }
        hash.record().map(Some)
    }
}

/// Returns which of a session's other keys this is.
fn via(session: &Hash, name: &str, now: Now) -> Option<Via> {
    if session.get("@pending") == Some(name) {
        return Some(Via::Pending);
    }
    let mut words = session.get("@grace").unwrap_or_default().split(' ');
    while let (Some(known), Some(until)) = (words.next(), words.next()) {
        if known == name && until.parse().is_ok_and(|until: u64| until > now.as_millis()) {
            return Some(Via::Grace);
        }
    }
    None
}

/// Returns an error where a script named no session.
pub(super) fn named(tag: Tag, name: Option<&str>) -> Result<Key, StorageError> {
    name.and_then(|name| super::names::key(tag, name)).ok_or_else(|| unintelligible("a name that is none"))
}
