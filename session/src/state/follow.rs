//! Writing to a session whose token was renewed while the request went on.

use super::State;
use super::client::Peer;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::storage::Loaded;
use crate::token::{Handle, Key};

impl<T: SessionData> State<T> {
    /// Looks under which key the session lives now, which was found by this key and has this name: its edits come so late
    /// that the key may lead to it no more. Streams and slow handlers outlive the token that they came with.
    ///
    /// What came before a token that was replaced for another reason than its age is lost as ever, as far as that can be
    /// told: when it was replaced, and whether roles and the proof of identity are the same.
    pub(super) async fn follow(
        &self,
        (key, handle): (Key, Handle),
        now: Now,
        peer: &dyn Peer,
    ) -> Result<(), StorageError> {
        let (Some(index), Some(renew)) = (self.storage().index(), self.core.settings.renew) else { return Ok(()) };
        self.meet(peer);
        match self.within(self.storage().load(&key, now)).await? {
            Loaded::Live { via, .. } => self.look(|edits| edits.found_again(via, now)),
            Loaded::Moved => {}
            Loaded::Absent => {
                let Some((key, record)) = self.within(index.find(&handle, now)).await? else { return Ok(()) };
                if let Ok(view) = record.view::<T>(self.core.settings.readable()) {
                    self.look(|edits| edits.follow(key, &record.meta, &view.value, renew));
                }
            }
        }
        Ok(())
    }
}
