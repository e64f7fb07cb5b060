//! The storage, whatever the database.

use std::fmt;
use std::sync::Arc;

use rocket::async_trait;

use super::connections::{Connections, attempt};
use super::dialect::ConnectOptions;
use super::statement::Tables;
use super::statements::Statements;
use super::together::Together;
use super::update::Update;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep, Via};
use crate::token::Key;

/// Sessions in a SQL database.
pub struct SqlStorage<D: super::Database> {
    pub(super) tables: Tables,
    pub(super) connections: Arc<Connections<D>>,
    /// Where each connection has a thread of its own, and one of them writes: what waits for one.
    together: Option<Together<D>>,
}

impl<D: super::Database> SqlStorage<D> {
    pub(super) fn own(tables: Tables, options: ConnectOptions<D>, connections: u32) -> Self {
        let statements = Statements::new::<D>(&tables);
        Self::new(tables, Connections::own(statements, options, connections))
    }

    pub(super) fn given(tables: Tables, pool: sqlx::Pool<D::Database>) -> Self {
        let statements = Statements::new::<D>(&tables);
        Self::new(tables, Connections::given(statements, pool))
    }

    fn new(tables: Tables, connections: Connections<D>) -> Self {
        let connections = Arc::new(connections);
        Self { tables, together: D::ONE_WRITER.then(|| Together::new(&connections)), connections }
    }

    /// Changes a session by one statement. Returns whether it was found.
    async fn update(&self, update: Update, now: Now) -> Result<bool, StorageError> {
        if let Some(together) = &self.together {
            return together.update(update).await;
        }
        attempt!(self.connections, Write, now, work => work.update(&update))
    }
}

#[async_trait]
impl<D: super::Database> SessionStorage for SqlStorage<D> {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        let Some(together) = &self.together else {
            return attempt!(self.connections, Read, now, work => work.load(key));
        };
        if let Some(record) = together.load(*key, now).await? {
            return Ok(Loaded::Live { record, via: Via::Current });
        }
        // Boxed: it is large, and rarely needed.
        Box::pin(async { attempt!(self.connections, Read, now, work => work.look(key)) }).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        attempt!(self.connections, Write, now, work => work.create(key, &record))
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        let update = Update::commit::<D>(&self.connections.statements, key, &patch, now)?;
        if let Some(update) = update
            && self.update(update, now).await?
        {
            return Ok(Commit::DONE);
        }
        attempt!(self.connections, Write, now, work => work.commit(key, &patch))
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        match how {
            Rotation::Privilege => attempt!(self.connections, Write, now, work => work.privilege(old, new, &patch)),
            Rotation::Renewal { grace } => {
                attempt!(self.connections, Write, now, work => work.renew(old, new, &patch, grace))
            }
            Rotation::Restart(record) => {
                attempt!(self.connections, Write, now, work => work.restart(old, new, &record))
            }
        }
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        let update = Update::touch::<D>(&self.connections.statements, key, &seen, now);
        if self.update(update, now).await? {
            return Ok(true);
        }
        attempt!(self.connections, Write, now, work => work.touch(key, &seen))
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        attempt!(self.connections, Write, now, work => work.delete(key))
    }

    async fn delete_everyone(&self, now: Now) -> Result<(), StorageError> {
        attempt!(self.connections, Write, now, work => work.everyone())
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        Some(self)
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.prepare().await
    }

    async fn shutdown(&self) {
        self.connections.close().await;
    }
}

impl<D: super::Database> fmt::Debug for SqlStorage<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqlStorage")
            .field("table", &self.tables.name())
            .field("writers", &self.connections.writers)
            .finish_non_exhaustive()
    }
}
