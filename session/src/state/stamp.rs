//! Whether the session that a request has is still good.

use rocket::Request;

use super::State;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::stamp::{Doubted, Stamps, end_unless_changed};

impl<T: SessionData> State<T> {
    /// Ends the session if its stamp is not that of its owner's account. Where that can not be told nobody knows whether
    /// there is a session, as where the storage fails.
    pub(super) async fn compare_stamp(
        &self,
        stamps: &Stamps<T>,
        request: &Request<'_>,
        now: Now,
    ) -> Result<(), StorageError> {
        while let Some((key, meta, data)) = self.look(|edits| edits.stored()) {
            let current = stamps.are_current(self.budget(), meta.handle, &data, now).await;
            if let Ok(true) = current {
                break;
            }
            self.meet(request);
            let doubted = match current {
                Ok(_) => end_unless_changed::<T>(self.storage(), self.budget(), &key, meta.version, now).await,
                Err(error) => Err(error),
            };
            let ended = matches!(doubted, Ok(Doubted::Ended(true)));
            if ended {
                self.core.ended_by_stamp(meta.handle, data.identity(), self.ip());
            }
            let doubted = doubted.inspect_err(|error| self.storage_failed(error));
            self.look(|edits| edits.forget(ended));
            match doubted? {
                Doubted::Ended(_) => break,
                Doubted::Changed(loaded) => self.found(key, loaded, request, now),
            }
        }
        Ok(())
    }
}
