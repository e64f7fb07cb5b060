//! Loading the session that a request presents.

use rocket::Request;

use super::State;
use super::edits::Other;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::event::{EventKind, RefusedCookie};
use crate::record::Record;
use crate::storage::{Loaded, Via};
use crate::token::Key;

impl<T: SessionData> State<T> {
    /// Loads the session, once in a request.
    pub(crate) async fn load(&self, request: &Request<'_>) {
        if self.loaded.get().is_none() {
            let turn = self.take_turn().await.inspect_err(|error| self.failed(error, request));
            if let (None, Some(key)) = (self.loaded.get(), &self.key) {
                let loaded = match &turn {
                    Ok(_) => self.load_key(key, request).await.map(|()| self.snapshot()),
                    Err(error) => Err(error.clone()),
                };
                self.loaded.get_or_init(|| loaded);
            }
        }
    }

    /// Returns why the session could not be loaded, if it could not.
    pub(crate) fn load_error(&self) -> Option<&StorageError> {
        self.loaded.get().and_then(|loaded| loaded.as_ref().err())
    }

    async fn load_key(&self, key: &Key, request: &Request<'_>) -> Result<(), StorageError> {
        let now = self.core.now();
        let loaded = self.budget().wait(self.storage().load(key, now)).await;
        let loaded = loaded.inspect_err(|error| self.failed(error, request))?;
        self.found(*key, loaded, request, now);
        match self.core.stamps::<T>() {
            Some(stamps) => Box::pin(self.compare_stamp(&stamps, request, now)).await,
            None => Ok(()),
        }
    }

    /// Takes note of what the storage has under the key that was presented.
    pub(super) fn found(&self, key: Key, loaded: Loaded, request: &Request<'_>, now: Now) {
        match loaded {
            Loaded::Live { record, via } if via != Via::Grace || !record.meta.rotation_due => {
                self.read(key, via, &record, request, now);
            }
            // A token in grace is worth what it was: a role that was changed since ends its grace, as if it had rotated
            // the token.
            Loaded::Live { .. } | Loaded::Moved => {
                self.look(|edits| edits.found_none(Some(Other::Moved(key))));
                self.meet(request);
                self.tell(EventKind::Refused(RefusedCookie::Moved), None);
            }
            Loaded::Absent => {
                self.look(|edits| edits.found_none(None));
                self.meet(request);
                self.tell(EventKind::Refused(RefusedCookie::NoSession), None);
            }
        }
    }

    fn read(&self, key: Key, via: Via, record: &Record, request: &Request<'_>, now: Now) {
        let ip = || {
            self.meet(request);
            self.ip()
        };
        match self.core.read::<T>(record, ip) {
            Some(view) => {
                let due = self.core.settings.is_due(&record.meta, via, now);
                self.look(|edits| edits.found((key, via), due, &record.meta, view, now));
            }
            None => self.look(|edits| edits.found_none(Some(Other::Unreadable(key)))),
        }
    }
}
