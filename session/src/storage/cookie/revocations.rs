//! Which sessions were ended.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Sealed;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Fields, Meta, Record};
use crate::storage::{Created, Loaded, SessionStorage};
use crate::token::{Handle, Key};

/// The handles of ended sessions, each kept in another storage until the last cookie of its session expires.
pub(super) struct Revocations {
    storage: Arc<dyn SessionStorage>,
    /// How long a session lives unless it says otherwise.
    ttl: Duration,
}

impl Revocations {
    pub(super) fn new(storage: Arc<dyn SessionStorage>, ttl: Duration) -> Self {
        Self { storage, ttl }
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
        // A request in flight may give the session a new time to live at this moment.
        let longest = now.after(self.ttl.max(meta.ttl.unwrap_or_default()));
        let record = revocation(meta.handle, now, sealed.lasts.max(longest));
        let created = self.storage.create(&key(meta.handle), record, now).await?;
        Ok(matches!(created, Created::Created { .. }))
    }
}

/// Returns the key under which it is kept that the session of a handle was ended.
pub(super) fn key(handle: Handle) -> Key {
    Key::new(handle.tag(), Sha256::digest(handle.to_bytes()).into())
}

/// Returns what is kept: identified, since that is never ended for want of room.
fn revocation(handle: Handle, now: Now, until: Timestamp) -> Record {
    let meta = Meta {
        handle,
        version: 1,
        identified: true,
        newborn: false,
        rotation_due: false,
        created_at: now,
        seen_at: now,
        authenticated_at: Timestamp::default(),
        renewed_at: now,
        expires_at: until,
        deadline: until,
        ttl: None,
        client: None,
    };
    Record::new(meta, Fields::new())
}
