//! Which sessions were ended.

use std::sync::Arc;
use std::time::Duration;

use rocket::async_trait;
use sha2::{Digest, Sha256};

use super::Sealed;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Fields, Meta, Record};
use crate::storage::{Created, Loaded, SessionStorage, Sweep, Swept};
use crate::token::{Handle, Key};

/// How long a request that began before a session was ended may still write it.
const IN_FLIGHT: Duration = Duration::from_hours(1);

/// The handles of ended sessions, each kept in another storage until no cookie of its session can be alive.
pub(super) struct Revocations {
    storage: Arc<dyn SessionStorage>,
    /// How long a session lives at most after it was last written.
    longest: Duration,
}

impl Revocations {
    pub(super) fn new(storage: Arc<dyn SessionStorage>, longest: Duration) -> Self {
        Self { storage, longest }
    }

    pub(super) fn longest(&self) -> Duration {
        self.longest
    }

    pub(super) fn storage(&self) -> &dyn SessionStorage {
        &*self.storage
    }

    /// Returns whether a session was ended.
    pub(super) async fn has(&self, handle: Handle, now: Now) -> Result<bool, StorageError> {
        Ok(matches!(self.storage.load(&key(handle), now).await?, Loaded::Live { .. }))
    }

    /// Ends a session. Returns whether it was not ended before.
    pub(super) async fn add(&self, sealed: &Sealed, now: Now) -> Result<bool, StorageError> {
        let meta = &sealed.record.meta;
        // A request in flight may write the session until its own time is over.
        let until = meta.deadline.max(now.after(self.longest.saturating_add(IN_FLIGHT)));
        let record = revocation(meta, now, until);
        let created = self.storage.create(&key(meta.handle), record, now).await?;
        Ok(matches!(created, Created::Created { .. }))
    }
}

/// Frees what no cookie needs to be compared with any more. Sessions in cookies expire by themselves.
#[async_trait]
impl Sweep for Revocations {
    async fn sweep(&self, now: Now) -> Result<Swept, StorageError> {
        let Some(sweep) = self.storage.sweep() else { return Ok(Swept::default()) };
        Ok(Swept { expired: Vec::new(), ..sweep.sweep(now).await? })
    }
}

/// Returns the key under which it is kept that the session of a handle was ended.
pub(super) fn key(handle: Handle) -> Key {
    Key::new(handle.tag(), Sha256::digest(handle.to_bytes()).into())
}

/// Returns what is kept: identified if somebody was signed in, since that is never ended for want of room.
fn revocation(ended: &Meta, now: Now, until: Timestamp) -> Record {
    let identified = ended.authenticated_at > Timestamp::default();
    Record::new(Meta { identified, ..Meta::new(ended.handle, now, until) }, Fields::new())
}
