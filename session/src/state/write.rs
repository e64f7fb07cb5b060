//! Writing what a request did.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rocket::futures::lock::MutexGuard as AsyncMutexGuard;

use super::client::Peer;
use super::edits::{Life, Live};
use super::plan::{Caller, Planner, Stake};
use super::{Edits, State};
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::EventKind;
use crate::record::Meta;
use crate::soon::Soon;
use crate::storage::{Loaded, Via};

/// While one who loads or writes has it, all others wait.
pub(super) type Turn<'s> = AsyncMutexGuard<'s, ()>;

/// What came of writing.
pub(crate) type Written = Result<(), SessionError>;

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
    pub(crate) fn write<'s>(&'s self, scope: Scope, peer: &'s dyn Peer) -> Soon<'s, Written> {
        match self.turn.try_lock() {
            Some(turn) => self.write_in_turn(turn, scope, peer),
            None => Soon::Later(Box::pin(self.write_after_others(scope, peer))),
        }
    }

    /// Writes once nobody else loads or writes.
    async fn write_after_others(&self, scope: Scope, peer: &dyn Peer) -> Written {
        match self.take_turn().await {
            Ok(turn) => self.write_in_turn(turn, scope, peer).later().await,
            Err(error) => {
                self.failed(&error, peer);
                self.finish(self.lose(error.into(), Stake::Data))
            }
        }
    }

    fn write_in_turn<'s>(&'s self, turn: Turn<'s>, scope: Scope, peer: &'s dyn Peer) -> Soon<'s, Written> {
        if scope == Scope::Ends {
            self.look(Edits::discard);
            return self.wrote(turn, Ok(()), peer);
        }
        let now = self.core.now();
        match self.look(|edits| edits.straying(now, scope == Scope::All)) {
            None => self.write_changes(turn, scope, now, peer),
            Some(found) => Soon::Later(Box::pin(async move {
                match self.follow(found, now, peer).await {
                    Ok(()) => self.write_changes(turn, scope, now, peer).later().await,
                    Err(error) => self.end_after_writing(turn, self.lose(error.into(), Stake::Data), peer).await,
                }
            })),
        }
    }

    fn write_changes<'s>(&'s self, turn: Turn<'s>, scope: Scope, now: Now, peer: &'s dyn Peer) -> Soon<'s, Written> {
        let planner = self.planner(scope, now, peer);
        match self.look(|edits| edits.plan(&planner)) {
            Ok(Some(plan)) => self.carry_out(turn, plan, now, peer),
            Ok(None) => self.wrote(turn, self.look(|edits| edits.failure()).map_or(Ok(()), Err), peer),
            Err(error) => self.wrote(turn, self.could_not_plan(error, peer), peer),
        }
    }

    /// Goes on once what was to be written is, or could not be: what is left is to end the session, if it is to end.
    pub(super) fn wrote<'s>(&'s self, turn: Turn<'s>, written: Written, peer: &'s dyn Peer) -> Soon<'s, Written> {
        if self.is_to_end() {
            Soon::Later(Box::pin(self.end_after_writing(turn, written, peer)))
        } else {
            Soon::Now(self.finish(written))
        }
    }

    /// Ends the session, if it is to end, whatever came of writing.
    pub(super) async fn end_after_writing(&self, _turn: Turn<'_>, written: Written, peer: &dyn Peer) -> Written {
        self.finish(written.and(self.write_end(peer).await))
    }

    /// Takes note that nothing more is written for now.
    fn finish(&self, written: Written) -> Written {
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

    /// Takes note that it could not be found out what to write.
    #[cold]
    fn could_not_plan(&self, error: SessionError, peer: &dyn Peer) -> Written {
        self.meet(peer);
        if let SessionError::Storage(error) = &error {
            self.storage_failed(error);
        }
        self.lose(error, Stake::Data)
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

    /// Takes note that nothing was written, or nobody knows.
    pub(super) fn lose(&self, error: SessionError, stake: Stake) -> Written {
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
