//! Sessions by their identity and handle.

use std::sync::Arc;

use rocket::async_trait;

use super::connections::attempt;
use super::dialect::Dialect;
use super::row::{self, Stored};
use super::statement::Param;
use super::storage::SqlStorage;
use super::work::{Done, Work};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::SessionIndex;
use crate::token::{Handle, Identity, Key};

#[async_trait]
impl<D: super::Database> SessionIndex for SqlStorage<D> {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        attempt!(self.connections, Read, now, work => work.list(identity))
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        attempt!(self.connections, Read, now, work => work.find(handle))
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        attempt!(self.connections, Write, now, work => work.delete_handle(handle))
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        attempt!(self.connections, Write, now, work => work.delete_all(identity, except))
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        attempt!(self.connections, Read, now, work => work.count(identity))
    }
}

impl<D: Dialect> Work<'_, '_, D> {
    async fn list(&mut self, identity: &Identity) -> Done<Vec<Arc<Record>>> {
        let rows = self.rows(&self.statements.list, [row::tag(identity.tag())]).await?;
        // One whose data can not be read keeps its owner from no other.
        let records: Result<_, _> = rows.iter().map(|row| row::readable::<D>(row).map(Arc::new)).collect();
        Ok(records?)
    }

    async fn find(&mut self, handle: &Handle) -> Done<Option<(Key, Arc<Record>)>> {
        let rows = self.rows(&self.statements.find, [row::tag(handle.tag()), row::own(*handle)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let key = row::key::<D>(row, row::NEXT, 1)?;
        Ok(Stored::read::<D>(row, 0)?.map(|stored| (key, Arc::new(stored.record))))
    }

    /// Ends the session of a handle. What does not live goes, too: it only looks expired to who has another clock.
    async fn delete_handle(&mut self, handle: &Handle) -> Done<bool> {
        let params = [row::tag(handle.tag()), row::own(*handle)];
        let lived = self.run(&self.statements.delete_handle, params.clone()).await? > 0;
        if !lived {
            self.run(&self.statements.delete_any_handle, params).await?;
        }
        Ok(lived)
    }

    async fn delete_all(&mut self, identity: &Identity, except: Option<&Handle>) -> Done<u64> {
        let except = except.filter(|handle| handle.tag() == identity.tag());
        let except = except.map_or_else(|| Param::Bytes(Vec::new()), |handle| row::own(*handle));
        let params = [row::tag(identity.tag()), except];
        self.begin().await?;
        // Who adds to the identity looks at all its sessions, in another order.
        self.lock(identity.tag()).await?;
        // It only looks expired to who has another clock, by which it may be used between two statements.
        self.run(&self.statements.delete_all_dead, params.clone()).await?;
        let ended = self.run(&self.statements.delete_all, params).await?;
        self.end().await?;
        Ok(ended)
    }

    async fn count(&mut self, identity: &Identity) -> Done<u64> {
        let rows = self.rows(&self.statements.count, [row::tag(identity.tag())]).await?;
        let count = rows.first().map_or(Ok(None), |row| D::int(row, 0))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    pub(super) async fn everyone(&mut self) -> Done<()> {
        self.run(&self.statements.everyone, []).await?;
        Ok(())
    }
}
