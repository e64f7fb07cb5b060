//! Sessions by their owner and handle.

use std::cmp::Reverse;
use std::sync::Arc;

use fred::bytes::Bytes;
use rocket::async_trait;
use rocket::futures::future::try_join_all;

use super::call::{Answer, Call};
use super::client::Command;
use super::error::unintelligible;
use super::load::{Found, Sight, named};
use super::pack::{Pack, unpack};
use super::record::Hash;
use super::{Inner, RedisStorage, script};
use crate::clock::Now;
use crate::core::chain;
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::SessionIndex;
use crate::token::{Handle, Identity, Key, Tag};

/// No session's name: nothing is kept.
const NOBODY: Bytes = Bytes::from_static(b"-");

impl Inner {
    fn index_keys(&self, tag: Tag) -> Pack {
        let (names, mut keys) = (self.names.of(tag), Pack::default());
        names.push_index(&mut keys);
        keys.push_joined(names.handles());
        keys
    }

    async fn ask(&self, what: &'static str, tag: Tag, now: Now) -> Result<Answer, StorageError> {
        let (keys, args) = (self.index_keys(tag), Pack::of([what]));
        self.call(Call { script: &script::LIST, tag, keys, args, now }).await
    }

    /// Shows the living sessions of a tag with their names, in any order.
    async fn each(&self, tag: Tag, now: Now, mut show: impl FnMut(&Bytes, &Hash<'_>)) -> Result<(), StorageError> {
        let answer = self.ask("records", tag, now).await?;
        let mut show = |name, hash: Hash<'_>| {
            if hash.lives(now) {
                show(name, &hash);
            }
        };
        match answer.word.as_str() {
            "none" => {}
            "records" => {
                for [name, hash] in answer.rest.as_chunks().0 {
                    show(name, Hash::of(unpack(hash)?)?);
                }
            }
            "names" => {
                let seen = try_join_all(answer.rest.iter().map(|name| self.see(tag, name))).await?;
                for (name, seen) in answer.rest.iter().zip(&seen) {
                    show(name, Sight::of(seen, None)?.hash);
                }
            }
            _ => return Err(answer.unexpected()),
        }
        Ok(())
    }

    /// Returns the living sessions of a tag, in any order. A hash of which nothing is known is told in the log, and
    /// keeps its owner from no other.
    async fn records(&self, tag: Tag, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        let mut records = Vec::new();
        let take = |_: &Bytes, hash: &Hash<'_>| match hash.readable() {
            Ok(record) => records.push(Arc::new(record)),
            Err(error) => {
                let index = self.names.of(tag).index().concat();
                log::error!("a session of the index `{}` is left out: {}", index.escape_ascii(), chain(&error));
            }
        };
        self.each(tag, now, take).await?;
        Ok(records)
    }

    /// Returns the name of a session that the hash of handles lost.
    async fn search(&self, handle: &Handle, now: Now) -> Result<Option<Bytes>, StorageError> {
        let (tag, handle, mut found) = (handle.tag(), handle.to_string(), None);
        let compare = |name: &Bytes, hash: &Hash<'_>| {
            if hash.text("@handle") == Some(&handle) {
                found = Some(name.clone());
            }
        };
        self.each(tag, now, compare).await?;
        Ok(found)
    }

    async fn find_handle(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        let mut place = self.place(handle, now).await?;
        // The session may be given another key between two round trips: what leads to none is looked up again, until it
        // leads to the same twice.
        while let Some(name) = &place {
            let key = named(handle.tag(), name)?;
            match self.find(&key, now).await? {
                Found::Live { record, .. } if record.meta.handle == *handle => {
                    return Ok(Some((key, record)));
                }
                _ => {}
            }
            let again = self.place(handle, now).await?;
            if again == place {
                return Ok(None);
            }
            place = again;
        }
        Ok(None)
    }

    /// Returns the name under which a session is.
    async fn place(&self, handle: &Handle, now: Now) -> Result<Option<Bytes>, StorageError> {
        let get = Command::Hget(self.names.of(handle.tag()).handles().concat(), handle.to_string());
        match self.connections.read(&get).await?.into_string() {
            Some(place) => Ok(place.split(' ').next().map(|name| Bytes::copy_from_slice(name.as_bytes()))),
            None => self.search(handle, now).await,
        }
    }

    async fn end(self: &Arc<Self>, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        let (tag, args) = (handle.tag(), Pack::of([&handle.to_string()]));
        let call = Call { script: &script::END, tag, keys: self.index_keys(tag), args, now };
        let answer = self.call(call).await?;
        match answer.word.as_str() {
            word @ ("done" | "gone") => {
                let is_done = word == "done";
                self.free(tag, answer.rest);
                Ok(is_done)
            }
            "unknown" => {
                let mut numbers = answer.texts().map(|text| text.parse::<u64>().unwrap_or(0));
                let (members, handles) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
                // Each member has a handle, and there is the epoch.
                if members == 0 || members < handles {
                    return Ok(false);
                }
                match self.search(handle, now).await? {
                    Some(name) => self.delete(&named(tag, &name)?, now).await,
                    None => Ok(false),
                }
            }
            _ => Err(answer.unexpected()),
        }
    }

    async fn end_all(self: &Arc<Self>, tag: Tag, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        let mut kept = Bytes::new();
        loop {
            let mut args = Pack::of([&except.map_or_else(String::new, Handle::to_string)]);
            args.push_joined([&kept]);
            let answer =
                self.call(Call { script: &script::END_ALL, tag, keys: self.index_keys(tag), args, now }).await?;
            if answer.word != "unknown" {
                let ended = answer.word.parse().map_err(|_| answer.unexpected())?;
                self.free(tag, answer.rest);
                return Ok(ended);
            }
            kept = match except {
                Some(handle) => self.search(handle, now).await?.unwrap_or(NOBODY),
                None => NOBODY,
            };
        }
    }
}

#[async_trait]
impl SessionIndex for RedisStorage {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        let mut records = self.inner.records(identity.tag(), now).await?;
        records.sort_by_key(|record| Reverse((record.meta.seen_at, record.meta.created_at)));
        Ok(records)
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        self.inner.find_handle(handle, now).await
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        self.inner.end(handle, now).await
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        self.inner.end_all(identity.tag(), except, now).await
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        let answer = self.inner.ask("count", identity.tag(), now).await?;
        match answer.word.as_str() {
            "none" => Ok(0),
            "count" => {
                let count = answer.texts().next().and_then(|count| count.parse().ok());
                count.ok_or_else(|| unintelligible("a count that is none"))
            }
            _ => Err(answer.unexpected()),
        }
    }
}
