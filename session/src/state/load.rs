//! Loading the session that a request presents.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};

use rocket::Request;
use rocket::futures::future::BoxFuture;

use super::State;
use super::edits::Other;
use super::known::Stored;
use super::write::Turn;
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::event::{EventKind, RefusedCookie};
use crate::record::Record;
use crate::storage::{Loaded, Via};
use crate::token::Key;

/// What a storage answers.
type Answer<R> = Result<R, StorageError>;

impl<T: SessionData> State<T> {
    /// Loads the session, once in a request.
    pub(crate) fn load<'s>(&'s self, request: &'s Request<'_>) -> impl Future<Output = ()> + Send {
        let mut later = None;
        poll_fn(move |context| {
            if later.is_none() {
                later = self.ask(request, context);
            }
            later.as_mut().map_or(Poll::Ready(()), |later| later.as_mut().poll(context))
        })
    }

    /// Asks the storage. What is left to be waited for lies apart: most storages answer at once, or after so long that it
    /// does not matter.
    fn ask<'s>(&'s self, request: &'s Request<'_>, context: &mut Context<'_>) -> Option<BoxFuture<'s, ()>> {
        let key = self.key.as_ref().filter(|_| !self.is_loaded())?;
        let Some(turn) = self.turn.try_lock() else { return Some(Box::pin(self.load_in_turn(key, request))) };
        // Whoever had the turn may have loaded meanwhile.
        if self.is_loaded() {
            return None;
        }
        let now = self.core.now();
        match self.answer(key, now, context) {
            Ok(answer) if T::STAMPED => Some(Box::pin(self.conclude(turn, key, answer, request, now))),
            Ok(answer) => {
                self.loaded_as(self.answered(key, answer, request, now));
                None
            }
            Err(mut call) => Some(Box::pin(async move {
                let answer = self.budget().wait_on(call.as_mut()).await;
                self.conclude(turn, key, answer, request, now).await;
            })),
        }
    }

    /// Returns the storage's answer, or the call to be waited for.
    fn answer<'s>(
        &'s self,
        key: &'s Key,
        now: Now,
        context: &mut Context<'_>,
    ) -> Result<Answer<Loaded>, BoxFuture<'s, Answer<Loaded>>> {
        if let Some(loaded) = self.storage().load_at_once(key, now) {
            return Ok(Ok(loaded));
        }
        let mut call = self.storage().load(key, now);
        match call.as_mut().poll(context) {
            Poll::Ready(answer) => Ok(answer),
            Poll::Pending => Err(call),
        }
    }

    /// Loads the session unless the one does who is at it.
    async fn load_in_turn(&self, key: &Key, request: &Request<'_>) {
        let turn = self.take_turn().await.inspect_err(|error| self.failed(error, request));
        if self.is_loaded() {
            return;
        }
        match turn {
            Ok(turn) => {
                let now = self.core.now();
                let answer = self.budget().wait(self.storage().load(key, now)).await;
                self.conclude(turn, key, answer, request, now).await;
            }
            Err(error) => self.loaded_as(Err(error)),
        }
    }

    /// Takes note of the storage's answer, and compares the stamp of what it found.
    async fn conclude(&self, _turn: Turn<'_>, key: &Key, answer: Answer<Loaded>, request: &Request<'_>, now: Now) {
        let found = self.answered(key, answer, request, now);
        let compared = match (found, self.core.stamps::<T>()) {
            (Ok(()), Some(stamps)) => self.compare_stamp(&stamps, request, now).await,
            (found, _) => found,
        };
        self.loaded_as(compared);
    }

    fn answered(&self, key: &Key, answer: Answer<Loaded>, request: &Request<'_>, now: Now) -> Result<(), StorageError> {
        let loaded = answer.inspect_err(|error| self.failed(error, request))?;
        self.found(*key, loaded, request, now);
        Ok(())
    }

    fn loaded_as(&self, loaded: Result<(), StorageError>) {
        // Who waited too long for the turn may have come before.
        let _ = self.loaded.set(loaded.map(|()| self.snapshot()));
    }

    /// Returns why the session could not be loaded, if it could not.
    pub(crate) fn load_error(&self) -> Option<&StorageError> {
        self.loaded.get().and_then(|loaded| loaded.as_ref().err())
    }

    /// Takes note of what the storage has under the key that was presented.
    pub(super) fn found(&self, key: Key, loaded: Loaded, request: &Request<'_>, now: Now) {
        match loaded {
            Loaded::Live { record, via } if via != Via::Grace || !record.meta.rotation_due => {
                self.read((key, via), record, request, now);
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

    fn read(&self, (key, via): (Key, Via), record: Arc<Record>, request: &Request<'_>, now: Now) {
        let ip = || {
            self.meet(request);
            self.ip()
        };
        match self.core.read::<T>(&record, ip) {
            Some(view) => {
                let due = self.core.settings.is_due(&record.meta, via, now);
                self.known.lock().found(Stored::new((key, via), now, due, record, view));
            }
            None => self.look(|edits| edits.found_none(Some(Other::Unreadable(key)))),
        }
    }
}
