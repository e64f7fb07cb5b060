//! Writing what a request did.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rocket::tokio;

use super::State;
use super::plan::{Plan, Planner, Stake, Step};
use crate::clock::Now;
use crate::core::{Carrier, Core};
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::storage::{Commit, Created, Rotation, SessionStorage, Via};
use crate::token::{Handle, Key, Token};

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

/// How long the token before a renewal stays good.
const GRACE: Duration = Duration::from_secs(30);

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
    /// Takes note that the response starts, and returns whether that is all.
    pub(crate) fn is_settled(&self) -> bool {
        let settled = self.load_error().is_none() && self.look(|edits| edits.are_settled(|| self.planner(true, false)));
        if settled {
            self.responded.store(true, Ordering::Relaxed);
        }
        settled
    }

    /// Writes what is not written yet, and returns why it could not be.
    pub(crate) async fn write(&self, scope: Scope) -> Result<(), SessionError> {
        let _writing = match self.writing.try_lock() {
            Ok(writing) => writing,
            Err(_) => self.writing.lock().await,
        };
        let written = match scope {
            Scope::All => self.write_edits(self.planner(true, false)).await,
            Scope::AllButTaken => self.write_edits(self.planner(false, false)).await,
            Scope::HandOver => self.write_edits(self.planner(!self.untaking, true)).await,
            Scope::Ends => {
                self.look(super::Edits::discard);
                Ok(())
            }
        };
        let ended = self.write_end().await;
        self.look(|edits| {
            if std::mem::take(&mut edits.removal) {
                edits.delivery = Delivery::Removal;
            }
        });
        written.and(ended)
    }

    /// Takes the cookie that the response must bring.
    pub(crate) fn deliver(&self) -> Delivery {
        self.responded.store(true, Ordering::Relaxed);
        self.look(|edits| std::mem::take(&mut edits.delivery))
    }

    /// Takes the token that the client is to be given.
    pub(crate) fn take_token(&self) -> Option<String> {
        match self.look(|edits| std::mem::take(&mut edits.delivery)) {
            Delivery::Token { value, .. } => Some(value),
            _ => None,
        }
    }

    fn planner(&self, takes: bool, hands_over: bool) -> Planner<'_> {
        Planner {
            config: &self.core.settings,
            now: self.core.now(),
            client: self.client(),
            takes,
            late: self.responded.load(Ordering::Relaxed) || (self.is_by_bearer() && !hands_over),
            by_bearer: self.is_by_bearer(),
        }
    }

    async fn write_edits(&self, planner: Planner<'_>) -> Result<(), SessionError> {
        let now = planner.now;
        let plan = match self.look(|edits| edits.plan(&planner)) {
            Ok(Some(plan)) => plan,
            Ok(None) => return self.look(|edits| edits.failure()).map_or(Ok(()), Err),
            Err(error) => {
                if let SessionError::Storage(error) = &error {
                    self.core.storage_failed(error);
                }
                return self.lose(error, Stake::Data);
            }
        };
        let stake = plan.stake;
        let mut waiting = Waiting { state: self, stake, over: false };
        // Apart, because it is large and most requests need it not.
        let carried_out = Box::pin(self.carry_out(plan, now)).await;
        waiting.over = true;
        carried_out.or_else(|error| self.lose(error, stake))
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

    async fn carry_out(&self, mut plan: Box<Plan<T>>, now: Now) -> Result<(), SessionError> {
        let storage = self.storage();
        let handle = plan.meta().handle;
        let Some(step) = plan.take_step() else { return Ok(()) };
        match step {
            Step::Create { token, record } => {
                let value = self.seal(&token)?;
                let created = self.within(storage.create(&token.key(), record, now)).await?;
                let Created::Created { evicted } = created else { return Err(SessionError::Moved) };
                self.evicted(evicted);
                self.issue(plan, token.key(), value, now);
                self.tell(EventKind::Created, Some(handle));
            }
            Step::Restart { old, token, record } => {
                let how = Rotation::Restart(record);
                Box::pin(self.rotate(old, token, crate::record::Patch::default(), how, plan, now)).await?;
                self.core.streams.stir(old.tag());
                self.tell(EventKind::Created, Some(handle));
            }
            Step::Rotate { old, token, patch } => {
                Box::pin(self.rotate(old, token, patch, Rotation::Privilege, plan, now)).await?;
                if handle.tag() != old.tag() {
                    self.core.streams.stir(old.tag());
                }
                self.tell(EventKind::Rotated, Some(handle));
            }
            Step::Renew { old, token, patch } => Box::pin(self.renew(old, token, patch, plan, now)).await?,
            Step::Commit { key, patch } => {
                done(self.within(storage.commit(&key, patch, now)).await?)?;
                self.slide(&plan, now);
                self.keep(plan, key);
            }
            Step::Touch { key, seen } => {
                if self.within(storage.touch(&key, seen, now)).await? {
                    self.slide(&plan, now);
                    self.keep(plan, key);
                }
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one step")]
    async fn rotate(
        &self,
        old: Key,
        token: Token,
        patch: crate::record::Patch,
        how: Rotation,
        plan: Box<Plan<T>>,
        now: Now,
    ) -> Result<(), SessionError> {
        let value = self.seal(&token)?;
        let key = token.key();
        let Done { evicted, .. } = done(self.within(self.storage().rotate(&old, &key, patch, how, now)).await?)?;
        self.evicted(evicted);
        self.issue(plan, key, value, now);
        Ok(())
    }

    async fn renew(
        &self,
        old: Key,
        token: Token,
        patch: crate::record::Patch,
        plan: Box<Plan<T>>,
        now: Now,
    ) -> Result<(), SessionError> {
        let value = self.seal(&token)?;
        let how = Rotation::Renewal { grace: GRACE };
        let Done { rotated, .. } =
            done(self.within(self.storage().rotate(&old, &token.key(), patch, how, now)).await?)?;
        if let (true, Some(value)) = (rotated, value) {
            let max_age = self.max_age(&plan, now);
            self.look(|edits| edits.delivery = Delivery::Token { value, max_age });
            self.tell(EventKind::Renewed, Some(plan.meta().handle));
        }
        // Until the new token is presented the session is found by the old one.
        self.look(|edits| edits.settle(*plan, old, Via::Current));
        Ok(())
    }

    fn keep(&self, plan: Box<Plan<T>>, key: Key) {
        self.core.streams.rekey(plan.meta().handle, key);
        let via = plan.via();
        self.look(|edits| edits.settle(*plan, key, via));
    }

    fn issue(&self, plan: Box<Plan<T>>, key: Key, value: Option<String>, now: Now) {
        self.core.streams.rekey(plan.meta().handle, key);
        let max_age = self.max_age(&plan, now);
        let value = value.or_else(|| self.take_carried());
        self.look(|edits| {
            edits.delivery = value.map_or(Delivery::Nothing, |value| Delivery::Token { value, max_age });
            edits.settle(*plan, key, Via::Current);
        });
    }

    fn slide(&self, plan: &Plan<T>, now: Now) {
        let max_age = self.max_age(plan, now);
        let carried = self.take_carried();
        self.look(|edits| match (carried, &mut edits.delivery, max_age) {
            (Some(value), delivery, _) => *delivery = Delivery::Token { value, max_age },
            (None, Delivery::Token { max_age: own, .. }, _) => *own = max_age,
            (None, delivery, Some(max_age)) if plan.slides() => *delivery = Delivery::Slide { max_age },
            _ => {}
        });
    }

    /// Returns how long the cookie of a persistent session lives.
    fn max_age(&self, plan: &Plan<T>, now: Now) -> Option<Duration> {
        let persistent = self.core.settings.persistent || plan.meta().ttl.is_some();
        persistent.then(|| plan.meta().expires_at.since(now))
    }

    async fn write_end(&self) -> Result<(), SessionError> {
        let Some((key, handle)) = self.look(|edits| edits.ending()) else {
            return Ok(());
        };
        if !self.revokes() && self.responded.load(Ordering::Relaxed) {
            self.look(|edits| edits.end_done(false));
            return Err(SessionError::TooLate);
        }
        let now = self.core.now();
        let ended = self.within(self.storage().delete(&key, now)).await;
        self.look(|edits| edits.end_done(!matches!(ended, Ok(false))));
        match ended {
            Ok(true) => {
                self.core.streams.stir(key.tag());
                self.tell(EventKind::Ended(EndedBy::Owner), handle);
            }
            Ok(false) => {}
            Err(error) => {
                tokio::spawn(end_later(self.core.clone(), self.lasting_storage(), key, handle));
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Sees to it that a session is ended whose request goes before it could end it.
    pub(super) fn end_after(&mut self) {
        let Some((key, handle)) = self.edits.get_mut().ending() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if self.revokes() => {
                runtime.spawn(end_later(self.core.clone(), self.lasting_storage(), key, handle));
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

    /// Returns the cookie of a token, unless it is the session that the cookie carries.
    fn seal(&self, token: &Token) -> Result<Option<String>, SessionError> {
        match &self.core.carrier {
            Carrier::Token { cookie, bearer } => {
                let seal = bearer.as_deref().filter(|_| self.is_by_bearer()).unwrap_or(cookie);
                Ok(Some(seal.seal_token(token)?))
            }
            Carrier::Record(_) => Ok(None),
        }
    }

    /// Returns the cookie that carries what was written last.
    fn take_carried(&self) -> Option<String> {
        self.carried.as_ref()?.take_value()
    }

    fn evicted(&self, handles: Vec<Handle>) {
        for handle in handles {
            self.core.streams.stir(handle.tag());
            self.tell(EventKind::Ended(EndedBy::Cap), Some(handle));
        }
    }

    pub(crate) async fn within<R>(
        &self,
        call: impl Future<Output = Result<R, StorageError>>,
    ) -> Result<R, StorageError> {
        self.budget.wait(call).await.inspect_err(|error| self.storage_failed(error))
    }
}

/// Waits for a write. Who stops waiting never learns what came of it.
struct Waiting<'s, T: SessionData> {
    state: &'s State<T>,
    stake: Stake,
    over: bool,
}

impl<T: SessionData> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        if !self.over && self.state.lose(StorageError::Timeout.into(), self.stake).is_err() {
            self.state.look(|edits| edits.abandoned = true);
        }
    }
}

/// What came of a change that was applied.
struct Done {
    rotated: bool,
    evicted: Vec<Handle>,
}

fn done(commit: Commit) -> Result<Done, SessionError> {
    match commit {
        Commit::Committed { rotated, evicted } => Ok(Done { rotated, evicted }),
        Commit::Gone => Err(SessionError::Gone),
        Commit::Moved => Err(SessionError::Moved),
        Commit::Conflict(field) => Err(SessionError::Conflict(field)),
    }
}

/// Tries on to end a session whose end the storage did not confirm.
async fn end_later(core: Arc<Core>, storage: Arc<dyn SessionStorage>, key: Key, handle: Option<Handle>) {
    for wait in RETRIES {
        tokio::time::sleep(wait).await;
        if let Ok(ended) = core.within(&core.budget(), storage.delete(&key, core.now())).await {
            if ended {
                core.streams.stir(key.tag());
                core.tell(EventKind::Ended(EndedBy::Owner), handle, None, None);
            }
            return;
        }
    }
    core.could_not_end();
}

impl Core {
    fn could_not_end(&self) {
        log::error!("a session of `{}` could not be ended; it lives until it expires", self.name);
    }
}
