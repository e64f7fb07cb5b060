//! Ending sessions, which is tried until it is done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rocket::tokio;

use super::State;
use super::client::Peer;
use super::edits::{Edits, Ending};
use crate::clock::Now;
use crate::core::{Core, Whose};
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::storage::SessionStorage;
use crate::token::{Handle, Key};

/// The waits between the attempts to end a session that should have ended.
const RETRIES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
];

impl<T: SessionData> State<T> {
    /// Returns whether a session is to end.
    pub(super) fn is_to_end(&self) -> bool {
        self.look(|edits| edits.ending.is_some())
    }

    /// Ends the session that is to end, if there is one.
    pub(super) async fn write_end(&self, peer: &dyn Peer) -> Result<(), SessionError> {
        match self.look(|edits| edits.ending()) {
            // Apart, because it is large and few requests need it.
            Some((ending, handle)) => Box::pin(self.end(ending, handle, peer)).await,
            None => Ok(()),
        }
    }

    async fn end(&self, ending: Ending, handle: Option<Handle>, peer: &dyn Peer) -> Result<(), SessionError> {
        let Ending { key, asked } = ending;
        self.meet(peer);
        if !self.revokes() && self.responded.load(Ordering::Relaxed) {
            self.look(|edits| edits.end_done(false));
            return Err(SessionError::TooLate);
        }
        let now = self.core.now();
        self.look(Edits::ask_for_end);
        let ended = self.within(end(self.storage(), &key, handle, now)).await.map(|ended| ended || asked);
        self.look(|edits| edits.end_done(!matches!(ended, Ok(false))));
        match ended {
            Ok(ended) => {
                self.core.stir(handle);
                if ended {
                    self.tell(EventKind::Ended(EndedBy::Owner), handle);
                }
                Ok(())
            }
            Err(error) => {
                let identifier = self.look(|edits| named(edits, handle));
                let end = End { key, whose: Whose { handle, identifier, ip: self.ip() }, tried: true };
                tokio::spawn(end.later(self.core.clone(), self.lasting_storage()));
                Err(error.into())
            }
        }
    }

    /// Sees to it that a session is ended whose request goes before it could end it.
    pub(super) fn end_after(&mut self) {
        let Some(edits) = self.known.get_mut().made_edits() else { return };
        let Some((Ending { key, asked }, handle)) = edits.ending() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if self.revokes() => {
                let identifier = named(self.known.get_mut().edits(), handle);
                let end = End { key, whose: Whose { handle, identifier, ip: self.ip() }, tried: asked };
                runtime.spawn(end.later(self.core.clone(), self.lasting_storage()));
            }
            _ => self.core.could_not_end(),
        }
    }

    /// Returns whether a session can be ended without telling its client.
    fn revokes(&self) -> bool {
        self.carried.as_ref().is_none_or(|carried| carried.revokes())
    }

    /// Returns where the session of this request lives, to be used after it.
    pub(crate) fn lasting_storage(&self) -> Arc<dyn SessionStorage> {
        match &self.carried {
            None => self.core.storage.clone(),
            Some(carried) => carried.clone(),
        }
    }
}

/// Ends the session that a key leads to, or that has this name: its key may have been replaced so long ago that nothing
/// tells of it. Returns whether a living session was ended.
async fn end(storage: &dyn SessionStorage, key: &Key, handle: Option<Handle>, now: Now) -> Result<bool, StorageError> {
    if storage.delete(key, now).await? {
        return Ok(true);
    }
    match (handle, storage.index()) {
        (Some(handle), Some(index)) => index.delete(&handle, now).await,
        _ => Ok(false),
    }
}

/// Returns the identifier of a session that is to end. To write it runs the application's code, from which the end must
/// not suffer.
fn named<T: SessionData>(edits: &Edits<T>, handle: Option<Handle>) -> Option<String> {
    catch_unwind(AssertUnwindSafe(|| edits.identifier(handle))).unwrap_or_default()
}

/// A session whose end the storage did not confirm.
struct End {
    key: Key,
    whose: Whose,
    /// Whether the storage was asked, and may have ended it.
    tried: bool,
}

impl End {
    /// Tries on to end the session.
    async fn later(mut self, core: Arc<Core>, storage: Arc<dyn SessionStorage>) {
        for wait in RETRIES {
            tokio::time::sleep(wait).await;
            let ending = end(&*storage, &self.key, self.whose.handle, core.now());
            let ended = core.within(&core.budget(), ending, self.whose.clone()).await;
            if let Ok(ended) = ended {
                let Whose { handle, identifier, ip } = self.whose;
                core.stir(handle);
                if ended || self.tried {
                    core.tell(EventKind::Ended(EndedBy::Owner), handle, identifier, ip);
                }
                return;
            }
            self.tried = true;
        }
        core.could_not_end();
    }
}

impl Core {
    /// Has the streams look whose session may have ended; a token that was replaced does not say which.
    fn stir(&self, handle: Option<Handle>) {
        match handle {
            Some(handle) => self.streams.stir(handle.tag()),
            None => self.streams.stir_all(),
        }
    }

    fn could_not_end(&self) {
        log::error!("a session of `{}` could not be ended; it lives until it expires", self.name);
    }
}
