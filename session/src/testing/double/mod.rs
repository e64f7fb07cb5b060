//! Storages that wrap another.

mod fault;
mod park;
mod spy;

pub use self::fault::{Fault, FaultStorage, Faults};
pub use self::park::{ParkStorage, Parked, Parking, When};
pub use self::spy::{Call, Spy, SpyStorage};

use std::sync::Arc;

use rocket::async_trait;

use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionIndex, SessionStorage, Sweep, Swept};
use crate::token::{Handle, Identity, Key};

/// An operation of a storage, of its index or of its sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is called as the method it stands for")]
#[non_exhaustive]
pub enum Operation {
    Load,
    Create,
    Commit,
    Rotate,
    Touch,
    Delete,
    DeleteEveryone,
    List,
    Find,
    DeleteHandle,
    DeleteAll,
    Count,
    Sweep,
}

/// A storage that does something before and after the operations of another.
pub struct Double<S, H> {
    inner: S,
    hook: H,
}

/// What a double does beside the operation itself.
#[async_trait]
pub trait Hook: Send + Sync + 'static {
    #[doc(hidden)]
    async fn before(&self, call: &Call) -> Result<(), StorageError>;

    #[doc(hidden)]
    async fn after(&self, call: &Call) -> Result<(), StorageError>;

    #[doc(hidden)]
    const WRITES_TEXTS: bool = false;
}

impl<S, H> Double<S, H> {
    /// Returns the wrapped storage.
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: SessionStorage, H: Hook> Double<S, H> {
    async fn around<R>(
        &self,
        call: Call,
        operation: impl Future<Output = Result<R, StorageError>>,
    ) -> Result<R, StorageError> {
        self.hook.before(&call).await?;
        let outcome = operation.await;
        self.hook.after(&call).await?;
        outcome
    }

    fn inner_index(&self) -> Result<&dyn SessionIndex, StorageError> {
        self.inner.index().ok_or(StorageError::Unsupported("the wrapped storage has no index"))
    }

    fn text(text: impl FnOnce() -> String) -> String {
        if H::WRITES_TEXTS { text() } else { String::new() }
    }
}

#[async_trait]
impl<S: SessionStorage, H: Hook> SessionStorage for Double<S, H> {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        self.around(Call::of(Operation::Load).key(key), self.inner.load(key, now)).await
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        let call = Call::of(Operation::Create).key(key).text(Self::text(|| spy::record_text(&record)));
        self.around(call, self.inner.create(key, record, now)).await
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        let call = Call::of(Operation::Commit).key(key).text(Self::text(|| spy::patch_text(&patch)));
        self.around(call, self.inner.commit(key, patch, now)).await
    }

    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let call = Call::of(Operation::Rotate).key(old).key(new).text(Self::text(|| spy::rotation_text(&patch, &how)));
        self.around(call, self.inner.rotate(old, new, patch, how, now)).await
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        let call = Call::of(Operation::Touch).key(key).text(Self::text(|| format!("{seen:?}")));
        self.around(call, self.inner.touch(key, seen, now)).await
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        self.around(Call::of(Operation::Delete).key(key), self.inner.delete(key, now)).await
    }

    async fn delete_everyone(&self, now: Now) -> Result<(), StorageError> {
        self.around(Call::of(Operation::DeleteEveryone), self.inner.delete_everyone(now)).await
    }

    fn index(&self) -> Option<&dyn SessionIndex> {
        self.inner.index().map(|_| self as _)
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        self.inner.sweep().map(|_| self as _)
    }

    async fn setup(&self) -> Result<(), StorageError> {
        self.inner.setup().await
    }

    async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

#[async_trait]
impl<S: SessionStorage, H: Hook> SessionIndex for Double<S, H> {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        self.around(Call::of(Operation::List), self.inner_index()?.list(identity, now)).await
    }

    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        self.around(Call::of(Operation::Find), self.inner_index()?.find(handle, now)).await
    }

    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        self.around(Call::of(Operation::DeleteHandle), self.inner_index()?.delete(handle, now)).await
    }

    async fn delete_all(&self, identity: &Identity, except: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        self.around(Call::of(Operation::DeleteAll), self.inner_index()?.delete_all(identity, except, now)).await
    }

    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        self.around(Call::of(Operation::Count), self.inner_index()?.count(identity, now)).await
    }
}

#[async_trait]
impl<S: SessionStorage, H: Hook> Sweep for Double<S, H> {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        let sweep = self.inner.sweep().ok_or(StorageError::Unsupported("the wrapped storage does not sweep"))?;
        self.around(Call::of(Operation::Sweep), sweep.sweep(now)).await
    }
}
