//! A storage of one's own: sessions behind one lock, which here is a `Mutex`, and elsewhere a transaction or a file's.
//!
//! `conformance!` shows that it keeps every promise: `cargo test --example custom_storage`.

use std::sync::Arc;

use rocket::tokio::sync::Mutex;
use rocket::{async_trait, get, launch, routes};
use rocket_typed_session::record::{Patch, Record, Seen};
use rocket_typed_session::storage::{
    Commit, Created, Ledger, Loaded, Rotation, SessionIndex, SessionStorage, Sweep, Swept,
};
use rocket_typed_session::{Handle, Identity, Key, Now, Session, Sessions, StorageError};

#[derive(Default)]
struct OneLock(Mutex<Ledger>);

#[async_trait]
impl SessionStorage for OneLock {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        Ok(self.0.lock().await.load(key, now))
    }
    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.0.lock().await.create(key, &record, now)
    }
    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        self.0.lock().await.commit(key, &patch, now)
    }
    async fn rotate(&self, old: &Key, new: &Key, p: Patch, how: Rotation, now: Now) -> Result<Commit, StorageError> {
        self.0.lock().await.rotate(old, new, &p, &how, now)
    }
    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().await.touch(key, &seen, now))
    }
    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().await.delete(key, now))
    }
    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        self.0.lock().await.delete_everyone();
        Ok(())
    }
    fn sweep(&self) -> Option<&dyn Sweep> {
        Some(self)
    }
    fn index(&self) -> Option<&dyn SessionIndex> {
        Some(self)
    }
}

#[async_trait]
impl SessionIndex for OneLock {
    async fn list(&self, identity: &Identity, now: Now) -> Result<Vec<Arc<Record>>, StorageError> {
        Ok(self.0.lock().await.list(identity, now))
    }
    async fn find(&self, handle: &Handle, now: Now) -> Result<Option<(Key, Arc<Record>)>, StorageError> {
        Ok(self.0.lock().await.find(handle, now))
    }
    async fn delete(&self, handle: &Handle, now: Now) -> Result<bool, StorageError> {
        Ok(self.0.lock().await.delete_handle(handle, now))
    }
    async fn delete_all(&self, identity: &Identity, keep: Option<&Handle>, now: Now) -> Result<u64, StorageError> {
        Ok(self.0.lock().await.delete_all(identity, keep, now))
    }
    async fn count(&self, identity: &Identity, now: Now) -> Result<u64, StorageError> {
        Ok(self.0.lock().await.count(identity, now))
    }
}

#[async_trait]
impl Sweep for OneLock {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        Ok(self.0.lock().await.sweep(now))
    }
}

#[derive(Clone, Default, Session)]
struct Visitor {
    #[session(merge = add)]
    visits: u64,
}

#[get("/")]
fn visit(mut visitor: VisitorMut<'_>) -> String {
    visitor.add_visits(1);
    format!("visit {}", visitor.visits)
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(Sessions::<Visitor>::builder().storage(OneLock::default())).mount("/", routes![visit])
}

#[cfg(test)]
mod tests {
    use rocket_typed_session::testing::conformance;

    conformance!(super::OneLock::default());
}
