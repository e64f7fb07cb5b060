//! The session of one request, as a storage.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::async_trait;

use super::revocations;
use super::{Cookies, Sealed};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, PatchError, Record, Seen};
use crate::storage::{Commit, Created, Loaded, Rotation, SessionStorage, Sweep};
use crate::token::Key;

/// A storage of one session: the one that a request's cookie carries.
///
/// What is written is sealed at once, so that a session that no cookie can hold is an error before anything is sent.
/// Outside of requests it holds none.
pub(crate) struct Carried {
    cookies: Arc<Cookies>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    session: Option<(Key, Sealed)>,
    /// The value of the cookie of what was written, until it is taken.
    value: Option<String>,
}

impl Carried {
    pub(super) fn new(cookies: Arc<Cookies>, presented: Option<Sealed>) -> Self {
        let session = presented.map(|sealed| (revocations::key(sealed.record.meta.handle), sealed));
        Self { cookies, held: Mutex::new(Held { session, value: None }) }
    }

    /// Returns the key of the session that was presented.
    pub(crate) fn key(&self) -> Option<Key> {
        self.held.lock().session.as_ref().map(|(key, _)| *key)
    }

    /// Takes the value of the cookie of what was written last.
    pub(crate) fn take_value(&self) -> Option<String> {
        self.held.lock().value.take()
    }

    /// Returns whether a session can be ended without its client.
    pub(crate) fn revokes(&self) -> bool {
        self.cookies.revocations.is_some()
    }

    /// Returns how long the session may live, if there is a bound.
    pub(crate) fn longest(&self) -> Option<Duration> {
        self.cookies.longest()
    }

    /// Returns a session as it is written in an epoch: not to live longer than its revocation would.
    fn bounded(&self, mut record: Record, epoch: u32, now: Now) -> Sealed {
        if let Some(longest) = self.longest() {
            let end = now.after(longest);
            record.meta.deadline = record.meta.deadline.min(end);
            record.meta.expires_at = record.meta.expires_at.min(end);
        }
        Sealed { record: Arc::new(record), epoch }
    }

    fn begun(&self, record: Record, now: Now) -> Sealed {
        self.bounded(record, self.cookies.epoch, now)
    }

    fn patched(&self, sealed: &Sealed, patch: &Patch, now: Now) -> Result<Sealed, PatchError> {
        patch.apply(&sealed.record).map(|record| self.bounded(record, sealed.epoch, now))
    }

    fn held(&self, key: &Key) -> Option<Sealed> {
        self.held.lock().session.as_ref().filter(|(own, _)| own == key).map(|(_, sealed)| sealed.clone())
    }

    fn live(&self, key: &Key, now: Now) -> Option<Sealed> {
        self.held(key).filter(|sealed| sealed.record.meta.expires_at > now && sealed.epoch >= self.cookies.epoch)
    }

    /// Holds a session, whose cookie has this value.
    fn hold(&self, key: &Key, sealed: Sealed, value: String) {
        *self.held.lock() = Held { session: Some((*key, sealed)), value: Some(value) };
    }

    fn write(&self, key: &Key, sealed: Sealed) -> Result<(), StorageError> {
        let value = self.cookies.seal(&sealed)?;
        self.hold(key, sealed, value);
        Ok(())
    }

    /// Puts a session in the place of another, which is revoked unless it is the same one.
    async fn replace(&self, old: Option<Sealed>, key: &Key, sealed: Sealed, now: Now) -> Result<Commit, StorageError> {
        let value = self.cookies.seal(&sealed)?;
        let other = old.filter(|old| old.record.meta.handle != sealed.record.meta.handle);
        if let (Some(revocations), Some(old)) = (&self.cookies.revocations, other) {
            revocations.add(&old, now).await?;
        }
        self.hold(key, sealed, value);
        Ok(Commit::Committed { rotated: true, evicted: Vec::new() })
    }
}

#[async_trait]
impl SessionStorage for Carried {
    async fn load(&self, key: &Key, now: Now) -> Result<Loaded, StorageError> {
        let Some(sealed) = self.live(key, now) else { return Ok(Loaded::Absent) };
        if let Some(revocations) = &self.cookies.revocations
            && revocations.has(sealed.record.meta.handle, now).await?
        {
            return Ok(Loaded::Absent);
        }
        Ok(Loaded::Live { record: sealed.record, via: crate::storage::Via::Current })
    }

    async fn create(&self, key: &Key, record: Record, now: Now) -> Result<Created, StorageError> {
        self.write(key, self.begun(record, now))?;
        Ok(Created::Created { evicted: Vec::new() })
    }

    async fn commit(&self, key: &Key, patch: Patch, now: Now) -> Result<Commit, StorageError> {
        let Some(sealed) = self.live(key, now) else { return Ok(Commit::Gone) };
        match self.patched(&sealed, &patch, now) {
            Ok(patched) => self.write(key, patched).map(|()| Commit::DONE),
            Err(error) => error.into_answer(),
        }
    }

    /// Gives the session a new key; what it carried before replays until it expires.
    async fn rotate(
        &self,
        old: &Key,
        new: &Key,
        patch: Patch,
        how: Rotation,
        now: Now,
    ) -> Result<Commit, StorageError> {
        match (how, self.live(old, now)) {
            (Rotation::Restart(record), _) => self.replace(self.held(old), new, self.begun(record, now), now).await,
            (Rotation::Renewal { .. }, _) => self.commit(old, patch, now).await,
            (Rotation::Privilege, None) => Ok(Commit::Gone),
            (Rotation::Privilege, Some(sealed)) => match self.patched(&sealed, &patch, now) {
                Ok(patched) => self.replace(Some(sealed), new, patched, now).await,
                Err(error) => error.into_answer(),
            },
        }
    }

    async fn touch(&self, key: &Key, seen: Seen, now: Now) -> Result<bool, StorageError> {
        let Some(sealed) = self.live(key, now) else { return Ok(false) };
        let mut meta = sealed.record.meta.clone();
        seen.apply(&mut meta);
        let touched = self.bounded(sealed.record.with_meta(meta), sealed.epoch, now);
        self.write(key, touched).map(|()| true)
    }

    async fn delete(&self, key: &Key, now: Now) -> Result<bool, StorageError> {
        // What this request brought may have expired, and a later cookie of the session not.
        let Some(sealed) = self.held(key) else { return Ok(false) };
        let lived = self.live(key, now).is_some();
        let ended = match &self.cookies.revocations {
            Some(revocations) => revocations.add(&sealed, now).await?,
            None => true,
        };
        *self.held.lock() = Held::default();
        Ok(ended && lived)
    }

    async fn delete_everyone(&self, _now: Now) -> Result<(), StorageError> {
        Err(StorageError::Unsupported(
            "sessions in cookies can not be ended for everyone by a call: raise `cookie.epoch` in the configuration",
        ))
    }

    fn sweep(&self) -> Option<&dyn Sweep> {
        let revocations = self.cookies.revocations.as_ref()?;
        revocations.storage().sweep().map(|_| revocations as _)
    }

    async fn setup(&self) -> Result<(), StorageError> {
        match &self.cookies.revocations {
            Some(revocations) => revocations.storage().setup().await,
            None => Ok(()),
        }
    }

    async fn shutdown(&self) {
        if let Some(revocations) = &self.cookies.revocations {
            revocations.storage().shutdown().await;
        }
    }
}
