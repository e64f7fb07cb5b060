//! Writing to a session whose token was renewed while the request went on.

use super::State;
use super::client::Peer;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::token::Handle;

impl<T: SessionData> State<T> {
    /// Looks under which key the session of a name lives now: edits come so late that the one by which it was found may
    /// lead to it no more. Streams and slow handlers outlive the token that they came with.
    pub(super) async fn follow(&self, handle: Handle, now: Now, peer: &dyn Peer) -> Result<(), StorageError> {
        let Some(index) = self.storage().index() else { return Ok(()) };
        let found = self.budget().wait(index.find(&handle, now)).await.inspect_err(|error| self.failed(error, peer))?;
        let limit = self.core.settings.readable();
        if let Some((key, record)) = found
            && let Ok(view) = record.view::<T>(limit)
        {
            self.look(|edits| edits.follow(key, &record.meta, &view.value, now));
        }
        Ok(())
    }
}
