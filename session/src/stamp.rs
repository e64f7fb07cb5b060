//! Security stamps: what of a session must be as its owner's account has it.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::any::Any;
use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::tokio::sync::Mutex as AsyncMutex;

use crate::clock::{Now, Timestamp};
use crate::core::{Budget, Core};
use crate::data::{SessionData, SessionStamp};
use crate::error::{EncodeError, StorageError};
use crate::event::{EndedBy, EventKind};
use crate::record::{FieldPatch, MetaPatch, Patch, Record};
use crate::storage::{Commit, Loaded, SessionStorage};
use crate::token::{Handle, Key};

/// Returns whether a session's stamp is that of its owner's account; nothing for a session of nobody.
pub(crate) type Source<T> = dyn Fn(&Arc<T>) -> Option<Comparing> + Send + Sync;

pub(crate) type Comparing = Pin<Box<dyn Future<Output = Result<bool, StorageError>> + Send>>;

/// Returns the source of what an application's function says.
pub(crate) fn source<T: SessionStamp, A, E>(ask: impl Fn(T::Id) -> A + Send + Sync + 'static) -> Arc<Source<T>>
where
    A: Future<Output = Result<Option<T::Stamp>, E>> + Send + 'static,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    Arc::new(move |data: &Arc<T>| {
        let (answer, data) = (ask(data.identifier()?), data.clone());
        Some(Box::pin(async move {
            let current = answer.await.map_err(StorageError::stamp)?;
            Ok(current.is_some_and(|current| current == *data.stamp()))
        }))
    })
}

/// [`Stamps`] with their type forgotten.
pub(crate) type AnyStamps = Arc<dyn Any + Send + Sync>;

/// Compares the stamps of sessions, and remembers for a while which were good.
pub(crate) struct Stamps<T> {
    source: Arc<Source<T>>,
    every: Duration,
    compared: Mutex<Compared>,
}

/// When the stamp of a session was last good. Who compares it holds the lock.
type Moment = Arc<AsyncMutex<Option<Timestamp>>>;

#[derive(Default)]
struct Compared {
    moments: HashMap<Handle, Moment>,
    /// How many there may be before those that are over are looked for.
    room: usize,
}

impl<T: SessionData> Stamps<T> {
    pub(crate) fn new(source: Arc<Source<T>>, every: Duration) -> Self {
        Self { source, every, compared: Mutex::default() }
    }

    /// Returns whether a session's stamp is that of its owner's account, or was a moment ago.
    pub(crate) async fn are_current(
        &self,
        budget: &Budget,
        handle: Handle,
        data: &Arc<T>,
        now: Now,
    ) -> Result<bool, StorageError> {
        budget.wait(self.compare(handle, data, now)).await.map_err(|error| match error {
            StorageError::Timeout => StorageError::stamp("it did not answer in time"),
            error => error,
        })
    }

    async fn compare(&self, handle: Handle, data: &Arc<T>, now: Now) -> Result<bool, StorageError> {
        let moment = self.compared.lock().moment(handle, |moment| self.is_good(moment, now));
        let mut good = moment.lock().await;
        if good.is_some_and(|at| self.is_recent(at, now)) {
            return Ok(true);
        }
        let Some(comparing) = (self.source)(data) else { return Ok(true) };
        let current = comparing.await?;
        *good = current.then_some(now);
        if !current {
            self.compared.lock().moments.remove(&handle);
        }
        Ok(current)
    }

    /// Returns whether that was not long ago, or is not far ahead: a request may be overtaken by one that began after
    /// it. A clock that was set back by more has compared nothing yet.
    fn is_recent(&self, at: Timestamp, now: Now) -> bool {
        now.since(at).max(at.since(now)) < self.every
    }

    /// Returns whether something is remembered: that a stamp was good, or that it is being compared.
    fn is_good(&self, moment: &Moment, now: Now) -> bool {
        moment.try_lock().map_or(true, |good| good.is_some_and(|at| self.is_recent(at, now)))
    }
}

impl Compared {
    /// How many sessions are remembered before any is forgotten.
    const FEWEST: usize = 1024;

    /// How many sessions are remembered at most: those of more are compared more often.
    const MOST: usize = 1 << 16;

    fn moment(&mut self, handle: Handle, keep: impl Fn(&Moment) -> bool) -> Moment {
        if self.moments.len() >= self.room.max(Self::FEWEST) {
            self.moments.retain(|_, moment| keep(moment));
            if self.moments.len() > Self::MOST / 2 {
                self.moments.clear();
            }
            // So that what is looked through is always as much again as what has come.
            self.room = self.moments.len() * 2;
        }
        self.moments.entry(handle).or_default().clone()
    }
}

/// What comes of a session whose stamp was found to be another.
pub(crate) enum Doubted {
    /// It has ended; whether by this.
    Ended(bool),
    /// It is not what was compared.
    Changed(Loaded),
}

/// When a session expires that its stamp ended: long ago, by every clock.
const OVER: Timestamp = Timestamp::from_millis(1);

/// Ends a session whose stamp was found to be another, if it is as it was when it was compared.
///
/// Who changes the password changes the account first and then the session: another request of it may have loaded the
/// session before, and asked for the account's stamp after. So the session ends by a commit, which applies to no session
/// that was given another key, or another stamp, in between.
pub(crate) async fn end_unless_changed<T: SessionData>(
    storage: &dyn SessionStorage,
    budget: &Budget,
    key: &Key,
    version: u64,
    now: Now,
) -> Result<Doubted, StorageError> {
    let record = match budget.wait(storage.load(key, now)).await? {
        Loaded::Live { record, .. } if record.meta.version == version => record,
        changed => return Ok(Doubted::Changed(changed)),
    };
    match budget.wait(storage.commit(key, end::<T>(&record)?, now)).await? {
        Commit::Committed { .. } => {
            // To a time before it was over it lives still, and is freed. If that fails it is over all the same.
            let _ = budget.wait(storage.delete(key, Timestamp::default())).await;
            Ok(Doubted::Ended(true))
        }
        Commit::Gone => Ok(Doubted::Ended(false)),
        Commit::Moved | Commit::Conflict(_) => Ok(Doubted::Changed(budget.wait(storage.load(key, now)).await?)),
    }
}

/// Returns the patch that ends a session, if whose it is, its roles and its stamp are as in this record.
fn end<T: SessionData>(record: &Record) -> Result<Patch, EncodeError> {
    let stored = record.fields()?;
    let rotating = T::FIELDS.iter().filter(|field| field.rotates()).map(|field| field.name());
    let expected = rotating.filter_map(|name| Some((name.to_owned(), stored.get(name)?.json().into_owned())));
    let fields = FieldPatch { expect: expected.collect(), ..FieldPatch::default() };
    Ok(Patch::new(MetaPatch { expires_at: Some(OVER), ..MetaPatch::default() }, fields))
}

impl Core {
    /// Returns what compares the stamps of sessions of type `T`, if they have one.
    pub(crate) fn stamps<T: SessionData>(&self) -> Option<Arc<Stamps<T>>> {
        if T::STAMPED { self.stamps.clone()?.downcast().ok() } else { None }
    }

    /// Takes note that a session was ended because its stamp is another by now.
    pub(crate) fn ended_by_stamp(&self, handle: Handle, identifier: Option<String>, ip: Option<IpAddr>) {
        self.streams.stir(handle.tag());
        self.tell(EventKind::Ended(EndedBy::Stamp), Some(handle), identifier, ip);
    }
}
