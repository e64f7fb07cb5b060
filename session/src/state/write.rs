//! Writing what a request did.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rocket::tokio;

use super::State;
use super::plan::{Plan, Planner, Stake, Step};
use crate::clock::Now;
use crate::core::Core;
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::storage::{Commit, Created, Rotation, Via};
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
    /// Writes what is not written yet, and returns why it could not be.
    pub(crate) async fn write(&self, scope: Scope) -> Result<(), SessionError> {
        let mut delivery = self.writing.lock().await;
        let written = match scope {
            Scope::All => self.write_edits(&mut delivery, true).await,
            Scope::AllButTaken => self.write_edits(&mut delivery, false).await,
            Scope::Ends => {
                self.look(super::Edits::discard);
                Ok(())
            }
        };
        let ended = self.write_end().await;
        if self.look(|edits| std::mem::take(&mut edits.removal)) {
            *delivery = Delivery::Removal;
        }
        written.and(ended)
    }

    /// Takes the cookie that the response must bring.
    pub(crate) async fn deliver(&self) -> Delivery {
        self.responded.store(true, Ordering::Relaxed);
        std::mem::take(&mut *self.writing.lock().await)
    }

    async fn write_edits(&self, delivery: &mut Delivery, takes: bool) -> Result<(), SessionError> {
        let now = self.core.now();
        let late = self.responded.load(Ordering::Relaxed);
        let planner = Planner { config: &self.core.settings, now, client: self.client.clone(), takes, late };
        let Some(plan) = self.look(|edits| edits.plan(&planner))? else {
            return match self.look(|edits| edits.closed.clone()) {
                Some(closed) => Err(closed),
                None => Ok(()),
            };
        };
        let (stake, ended) = (plan.stake, plan.ended);
        let carried_out = self.carry_out(plan, delivery, now).await;
        carried_out.or_else(|error| self.lose(error, stake, ended))
    }

    /// Takes note that nothing was written, or nobody knows.
    fn lose(&self, error: SessionError, stake: Stake, ended: Option<Key>) -> Result<(), SessionError> {
        let unknown = matches!(error, SessionError::Storage(_));
        match stake {
            Stake::Use => return Ok(()),
            Stake::Flash if !unknown => return Ok(()),
            Stake::Flash | Stake::Data => {}
        }
        let handle = self.look(|edits| {
            edits.ending = edits.ending.or(ended);
            edits.close(error.clone());
            edits.meta().map(|meta| meta.handle)
        });
        if !unknown {
            self.tell(error.clone().into(), handle);
        }
        Err(error)
    }

    async fn carry_out(&self, mut plan: Plan<T>, delivery: &mut Delivery, now: Now) -> Result<(), SessionError> {
        let storage = &self.core.storage;
        let handle = plan.meta().handle;
        let Some(step) = plan.take_step() else { return Ok(()) };
        match step {
            Step::Create { token, record } => {
                let value = self.seal(&token)?;
                let created = self.within(storage.create(&token.key(), record, now)).await?;
                let Created::Created { evicted } = created else { return Err(SessionError::Moved) };
                self.evicted(evicted);
                self.issue(plan, token.key(), value, delivery, now);
                self.tell(EventKind::Created, Some(handle));
            }
            Step::Restart { old, token, record } => {
                let how = Rotation::Restart(record);
                self.rotate(old, token, crate::record::Patch::default(), how, plan, delivery, now).await?;
                self.tell(EventKind::Created, Some(handle));
            }
            Step::Rotate { old, token, patch } => {
                self.rotate(old, token, patch, Rotation::Privilege, plan, delivery, now).await?;
                self.tell(EventKind::Rotated, Some(handle));
            }
            Step::Renew { old, token, patch } => self.renew(old, token, patch, plan, delivery, now).await?,
            Step::Commit { key, patch } => {
                done(self.within(storage.commit(&key, patch, now)).await?)?;
                self.slide(&plan, delivery, now);
                self.look(|edits| edits.settle(plan, key, Via::Current));
            }
            Step::Touch { key, seen } => {
                if self.within(storage.touch(&key, seen, now)).await? {
                    self.slide(&plan, delivery, now);
                    self.look(|edits| edits.settle(plan, key, Via::Current));
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
        plan: Plan<T>,
        delivery: &mut Delivery,
        now: Now,
    ) -> Result<(), SessionError> {
        let value = self.seal(&token)?;
        let key = token.key();
        let Done { evicted, .. } = done(self.within(self.core.storage.rotate(&old, &key, patch, how, now)).await?)?;
        self.evicted(evicted);
        self.issue(plan, key, value, delivery, now);
        Ok(())
    }

    async fn renew(
        &self,
        old: Key,
        token: Token,
        patch: crate::record::Patch,
        plan: Plan<T>,
        delivery: &mut Delivery,
        now: Now,
    ) -> Result<(), SessionError> {
        let value = self.seal(&token)?;
        let how = Rotation::Renewal { grace: GRACE };
        let Done { rotated, .. } =
            done(self.within(self.core.storage.rotate(&old, &token.key(), patch, how, now)).await?)?;
        if rotated {
            *delivery = Delivery::Token { value, max_age: self.max_age(&plan, now) };
            self.tell(EventKind::Renewed, Some(plan.meta().handle));
        }
        // Until the new token is presented the session is found by the old one.
        self.look(|edits| edits.settle(plan, old, Via::Current));
        Ok(())
    }

    fn issue(&self, plan: Plan<T>, key: Key, value: String, delivery: &mut Delivery, now: Now) {
        *delivery = Delivery::Token { value, max_age: self.max_age(&plan, now) };
        self.look(|edits| {
            edits.removal = false;
            edits.settle(plan, key, Via::Current);
        });
    }

    fn slide(&self, plan: &Plan<T>, delivery: &mut Delivery, now: Now) {
        let max_age = self.max_age(plan, now);
        match (&mut *delivery, max_age) {
            (Delivery::Token { max_age: own, .. }, _) => *own = max_age,
            (_, Some(max_age)) if plan.slides() => *delivery = Delivery::Slide { max_age },
            _ => {}
        }
    }

    /// Returns how long the cookie of a persistent session lives.
    fn max_age(&self, plan: &Plan<T>, now: Now) -> Option<Duration> {
        let persistent = self.core.settings.persistent || plan.meta().ttl.is_some();
        persistent.then(|| plan.meta().expires_at.since(now))
    }

    async fn write_end(&self) -> Result<(), SessionError> {
        let Some((key, handle)) = self.look(super::Edits::take_ending) else {
            return Ok(());
        };
        let now = self.core.now();
        match self.within(self.core.storage.delete(&key, now)).await {
            Ok(_) => {
                self.tell(EventKind::Ended(EndedBy::Owner), handle);
                Ok(())
            }
            Err(error) => {
                tokio::spawn(end_later(self.core.clone(), key));
                Err(error.into())
            }
        }
    }

    fn seal(&self, token: &Token) -> Result<String, SessionError> {
        Ok(self.core.seal.seal_token(token)?)
    }

    fn evicted(&self, handles: Vec<Handle>) {
        for handle in handles {
            self.tell(EventKind::Ended(EndedBy::Cap), Some(handle));
        }
    }

    pub(crate) async fn within<R>(
        &self,
        call: impl Future<Output = Result<R, StorageError>>,
    ) -> Result<R, StorageError> {
        self.core.within(&self.budget, call).await
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
async fn end_later(core: Arc<Core>, key: Key) {
    for wait in RETRIES {
        tokio::time::sleep(wait).await;
        if core.within(&core.budget(), core.storage.delete(&key, core.now())).await.is_ok() {
            return;
        }
    }
    log::error!("a session of `{}` could not be ended; it lives until it expires", core.name);
}
