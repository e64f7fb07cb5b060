//! Sessions in memory, by their identity and handle.

use std::cmp::Reverse;
use std::sync::Arc;

use rocket::async_trait;

use super::MemoryStorage;
use super::slots::Item;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::SessionIndex;
use crate::token::{Handle, Identity, Key};

#[async_trait]
impl SessionIndex for MemoryStorage {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        let shard = self.shard(identity.tag());
        let mut records: Vec<_> = shard.of(identity.tag(), now).map(|slot| shard.slots[slot].record.clone()).collect();
        drop(shard);
        records.sort_by_key(|record| Reverse((record.meta.seen_at, record.meta.created_at)));
        Ok(records)
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        let shard = self.shard(handle.tag());
        let slot = shard.peers.find(&shard.slots, handle).filter(|slot| shard.slots[*slot].lives(now));
        Ok(slot.map(|slot| (shard.slots[slot].key(), shard.slots[slot].record.clone())))
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        Ok(self.end_handle(handle, now))
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        let mut shard = self.shard(identity.tag());
        let is_ended = |slot: &u32| shard.slots[*slot].identified() && Some(shard.slots[*slot].handle()) != except;
        let ended: Vec<u32> = shard.peers.of(&shard.slots, identity.tag()).filter(is_ended).collect();
        let lived = ended.iter().filter(|slot| shard.slots[**slot].lives(now)).count();
        let items: Vec<Item> = ended.into_iter().map(|slot| shard.remove(slot)).collect();
        drop(shard);
        drop(items);
        Ok(lived as u64)
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        let shard = self.shard(identity.tag());
        Ok(shard.of(identity.tag(), now).count() as u64)
    }
}
