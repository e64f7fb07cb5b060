//! Writing what a request did.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rocket::futures::future::BoxFuture;

use super::client::Peer;
use super::edits::{Life, Live};
use super::issue::Done;
use super::plan::{After, Caller, Issue, Plan, Planner, Stake, Step};
use super::{Edits, State};
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::EventKind;
use crate::record::Meta;
use crate::storage::{Commit, Loaded, Via};
use crate::token::Key;

/// The cookie that the response must bring.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// None.
    #[default]
    Nothing,
    /// The one that the request brought, to live longer.
    Slide { max_age: Duration },
    /// One of a new token.
    Token { value: String, max_age: Option<Duration> },
    /// The removal of the one that the request brought.
    Removal,
}

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything.
    All,
    /// Everything but taken flashes.
    AllButTaken,
    /// Everything, with the client waiting for a token that is no cookie.
    HandOver,
    /// Only what was ended.
    Ends,
}

impl<T: SessionData> State<T> {
    /// Takes note that the response starts, and returns whether that is all.
    pub(crate) fn is_settled(&self) -> bool {
        // What is being written still may fail.
        let settled = self.was_loaded() && self.known.lock().is_settled() && self.turn.try_lock().is_some();
        if settled {
            self.respond();
        }
        settled
    }

    /// Writes what is not written yet, and returns why it could not be.
    pub(crate) async fn write(&self, scope: Scope, peer: &dyn Peer) -> Result<(), SessionError> {
        let turn = self.take_turn().await;
        let written = match &turn {
            Ok(_) => {
                let written = self.write_edits(scope, peer).await;
                written.and(self.write_end(peer).await)
            }
            Err(error) => {
                self.failed(error, peer);
                self.lose(error.clone().into(), Stake::Data)
            }
        };
        self.look(|edits| {
            if std::mem::take(&mut edits.removal) {
                edits.delivery = Delivery::Removal;
            }
        });
        written
    }

    /// Takes the cookie that the response must bring.
    pub(crate) fn deliver(&self) -> Delivery {
        self.respond();
        self.look(|edits| std::mem::take(&mut edits.delivery))
    }

    /// Takes the token that the client is to be given.
    pub(crate) fn take_token(&self) -> Option<String> {
        match self.look(|edits| std::mem::take(&mut edits.delivery)) {
            Delivery::Token { value, .. } => Some(value),
            _ => None,
        }
    }

    async fn write_edits(&self, scope: Scope, peer: &dyn Peer) -> Result<(), SessionError> {
        if scope == Scope::Ends {
            self.look(Edits::discard);
            return Ok(());
        }
        let now = self.core.now();
        // Apart, because few requests need it.
        if let Some(found) = self.look(|edits| edits.straying(now, scope == Scope::All))
            && let Err(error) = Box::pin(self.follow(found, now, peer)).await
        {
            return self.lose(error.into(), Stake::Data);
        }
        let Plan { step, stake, after } = match self.plan(scope, now, peer) {
            Ok(Some(plan)) => plan,
            Ok(None) => return self.look(|edits| edits.failure()).map_or(Ok(()), Err),
            Err(error) => {
                self.meet(peer);
                if let SessionError::Storage(error) = &error {
                    self.storage_failed(error);
                }
                return self.lose(error, Stake::Data);
            }
        };
        let mut waiting = Waiting { state: self, peer, stake, over: false };
        let mut key = None;
        let carried_out = match self.call(step, &mut key, now) {
            Call::Committed(answer) => self.committed(answer, after, now, peer),
            Call::Commit(call) => self.committed(self.budget().wait(call).await, after, now, peer),
            Call::Touch(call) => {
                let lives = self.heard(self.budget().wait(call).await, peer);
                if let Ok(true) = lives {
                    self.keep(after, now);
                }
                lives.map(drop)
            }
            // Apart, because it is large and few requests need it.
            Call::Issue(issue) => {
                self.meet(peer);
                Box::pin(self.issue(*issue, after, now)).await
            }
        };
        waiting.over = true;
        carried_out.or_else(|error| {
            self.meet(peer);
            self.lose(error, stake)
        })
    }

    /// Takes note of what the storage answers to a commit.
    fn committed(
        &self,
        answer: Result<Commit, StorageError>,
        after: After<T>,
        now: Now,
        peer: &dyn Peer,
    ) -> Result<(), SessionError> {
        self.heard(answer, peer).and_then(Done::of)?;
        self.keep(after, now);
        Ok(())
    }

    /// Takes note of a failure, if the storage answers with one.
    fn heard<R>(&self, answer: Result<R, StorageError>, peer: &dyn Peer) -> Result<R, SessionError> {
        answer.map_err(|error| {
            self.failed(&error, peer);
            error.into()
        })
    }

    #[inline]
    fn plan(&self, scope: Scope, now: Now, peer: &dyn Peer) -> Result<Option<Plan<T>>, SessionError> {
        let planner = self.planner(scope, now, peer);
        self.look(|edits| edits.plan(&planner))
    }

    fn planner<'s>(&'s self, scope: Scope, now: Now, peer: &'s dyn Peer) -> Planner<'s> {
        let hands_over = scope == Scope::HandOver;
        Planner {
            config: &self.core.settings,
            now,
            peer,
            takes: scope == Scope::All || (hands_over && !self.untaking),
            late: self.responded.load(Ordering::Relaxed) || (self.is_by_bearer() && !hands_over),
            caller: match (self.is_by_bearer(), self.foreign) {
                (true, _) => Caller::Bearer,
                (false, true) => Caller::Foreign,
                (false, false) => Caller::Keeper,
            },
        }
    }

    /// Calls the storage, if the step brings no new token; `place` is for the key, which the call borrows.
    ///
    /// Not `async`, so that the step is gone while the call is waited for.
    #[inline]
    fn call<'s>(&'s self, step: Step, place: &'s mut Option<Key>, now: Now) -> Call<'s> {
        let storage = self.storage();
        match step {
            Step::Commit { key, patch } => match storage.commit_at_once(&key, &patch, now) {
                Some(answer) => Call::Committed(answer),
                None => Call::Commit(storage.commit(place.insert(key), patch, now)),
            },
            Step::Touch { key, seen } => Call::Touch(storage.touch(place.insert(key), seen, now)),
            Step::Issue(issue) => Call::Issue(issue),
        }
    }

    /// Takes note that nothing was written, or nobody knows.
    fn lose(&self, error: SessionError, stake: Stake) -> Result<(), SessionError> {
        if matches!(error, SessionError::Gone | SessionError::Moved) {
            // What was to be delivered is dead.
            self.look(|edits| edits.delivery = Delivery::Nothing);
        }
        match stake {
            Stake::Use => return Ok(()),
            Stake::Flash if !matches!(error, SessionError::Storage(_)) => return Ok(()),
            Stake::Flash | Stake::Data => {}
        }
        let handle = self.look(|edits| {
            edits.close(error.clone());
            edits.meta().map(|meta| meta.handle)
        });
        if let Some(lost) = EventKind::of_loss(&error) {
            self.tell(lost, handle);
        }
        Err(error)
    }

    /// Takes note of what was written to a session that keeps its keys.
    fn keep(&self, after: After<T>, now: Now) {
        let Some((key, via)) = after.stays() else { return };
        // A key in grace is soon none.
        if via != Via::Grace {
            self.core.streams.rekey(after.meta.handle, key);
        }
        let max_age = self.max_age(&after.meta, now);
        let carried = self.take_carried();
        let mut known = self.known.lock();
        let edits = known.edits();
        match (carried, &mut edits.delivery, max_age) {
            (Some(value), delivery, _) => *delivery = Delivery::Token { value, max_age },
            (None, Delivery::Token { max_age: own, .. }, _) => *own = max_age,
            (None, delivery, Some(max_age)) if after.slides(&self.core.settings, now) => {
                *delivery = Delivery::Slide { max_age }
            }
            _ => {}
        }
        edits.settle(after, (key, via), now);
    }

    /// Returns what brings the token that the request presented in another text, if it is still that of its session, and
    /// no other was issued: the storage is asked, since a request may be overtaken by one that brings a newer token.
    pub(crate) async fn delivery_again(&self, value: String) -> Delivery {
        let now = self.core.now();
        let known = self.look(|edits| match &edits.live {
            Some(Live { key, via: Via::Current, meta, .. }) if edits.life == Life::Live && self.key == Some(*key) => {
                let old = self.core.settings.may_be_old(meta, now);
                (!old).then_some((*key, meta.renewed_at))
            }
            _ => None,
        });
        let Some((key, renewed_at)) = known else { return Delivery::Nothing };
        match self.within(self.storage().load(&key, now)).await {
            Ok(Loaded::Live { record, via: Via::Current }) if record.meta.renewed_at == renewed_at => {
                Delivery::Token { value, max_age: self.max_age(&record.meta, now) }
            }
            _ => Delivery::Nothing,
        }
    }

    /// Returns how long the cookie of a persistent session lives.
    pub(super) fn max_age(&self, meta: &Meta, now: Now) -> Option<Duration> {
        let persistent = self.core.settings.persistent || meta.ttl.is_some();
        persistent.then(|| meta.expires_at.since(now))
    }

    pub(crate) async fn within<R>(
        &self,
        call: impl Future<Output = Result<R, StorageError>>,
    ) -> Result<R, StorageError> {
        self.budget().wait(call).await.inspect_err(|error| self.storage_failed(error))
    }

    /// Takes note that the storage failed somebody.
    pub(super) fn failed(&self, error: &StorageError, peer: &dyn Peer) {
        self.meet(peer);
        self.storage_failed(error);
    }
}

/// A call to the storage that is over or under way, or a step that takes more than one.
enum Call<'s> {
    Committed(Result<Commit, StorageError>),
    Commit(BoxFuture<'s, Result<Commit, StorageError>>),
    Touch(BoxFuture<'s, Result<bool, StorageError>>),
    Issue(Box<Issue>),
}

/// Waits for a write. Who stops waiting never learns what came of it.
struct Waiting<'s, T: SessionData> {
    state: &'s State<T>,
    peer: &'s dyn Peer,
    stake: Stake,
    over: bool,
}

impl<T: SessionData> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.state.meet(self.peer);
        if self.state.lose(StorageError::Timeout.into(), self.stake).is_err() {
            self.state.look(|edits| edits.abandoned = true);
        }
    }
}
