//! Whether the session that a request has is still good.

use rocket::Request;

use super::State;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::stamp::Stamps;
use crate::token::{Handle, Key};

impl<T: SessionData> State<T> {
    /// Ends the session if its stamp is not that of its owner's account. What can not be told is no session.
    pub(super) async fn compare_stamp(
        &self,
        stamps: &Stamps<T>,
        request: &Request<'_>,
        now: Now,
    ) -> Result<(), StorageError> {
        let Some((key, handle, data)) = self.look(|edits| edits.stored()) else { return Ok(()) };
        let current = stamps.are_current(&self.budget, handle, &data, now).await;
        if let Ok(true) = current {
            return Ok(());
        }
        self.meet(request);
        let ended = match current.inspect_err(|error| self.storage_failed(error)) {
            Ok(_) => self.end_by_stamp(key, handle, now).await,
            Err(error) => Err(error),
        };
        self.look(|edits| edits.forget(matches!(ended, Ok(true))));
        ended.map(drop)
    }

    async fn end_by_stamp(&self, key: Key, handle: Handle, now: Now) -> Result<bool, StorageError> {
        let ended = self.within(self.storage().delete(&key, now)).await?;
        if ended {
            self.core.ended_by_stamp(handle, self.identifier(), self.ip());
        }
        Ok(ended)
    }
}
