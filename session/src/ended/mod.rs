//! Waiting for the end of a session.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rocket::tokio::time::timeout;

use crate::clock::{Now, Timestamp};
use crate::core::Core;
use crate::data::SessionData;
use crate::error::StorageError;
use crate::record::Record;
use crate::session::Session;
use crate::stamp::{Doubted, end_unless_changed};
use crate::storage::{Loaded, SessionStorage};
use crate::streams::Watched;
use crate::token::Key;

/// Resolves once a session has ended: what [`Session::ended`] returns.
///
/// To drop it is to stop waiting. Once it has resolved it stays so.
#[must_use = "it waits only while it is awaited"]
pub struct Ended(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Future for Ended {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(waiting) = &mut self.0 {
            ready!(waiting.as_mut().poll(context));
            self.0 = None;
        }
        Poll::Ready(())
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Ended(waiting)" } else { "Ended" })
    }
}

impl<T: SessionData> Session<'_, T> {
    /// Returns a future that resolves once this session has ended, wherever and however: it was ended by itself, by
    /// another session of its identifier, by the application or by a cap, replaced by a sign-in, its security stamp is
    /// another by now, or it expired. A rotation of its token is no end. Another identifier is: the session is somebody
    /// else's then. Without a session it resolves at once.
    ///
    /// It is for what stays open after the handler has returned, an event stream or a `WebSocket`, and borrows nothing
    /// of the request. What ends the session in this process is noticed at once. What another process does, and
    /// expiry, is noticed within [`watch`](crate::Config::watch) (10 seconds): so often the storage is asked, and once
    /// at the beginning. A storage that does not answer ends no stream; it is asked again. An open stream is no use of
    /// the session, and does not keep it from expiring.
    ///
    /// A session that begins in this request counts from when it is saved. A storage that keeps no index is asked by
    /// the session's key, which only this process's rotations are followed by: there, what another process rotates
    /// looks ended half a minute later. A session in its cookie ends with that cookie's time, or by its revocation, if
    /// [those are kept](crate::storage::cookie).
    ///
    /// # Examples
    ///
    /// ```
    /// use rocket::response::stream::{Event, EventStream};
    /// use rocket::tokio::select;
    /// use rocket::tokio::time::{Duration, interval};
    /// use rocket::{Shutdown, get};
    /// use rocket_typed_session::Session;
    ///
    /// #[derive(Clone, Session)]
    /// #[session(required)]
    /// struct User {
    ///     #[session(identifier)]
    ///     id: i64,
    /// }
    ///
    /// #[get("/events")]
    /// fn events(_user: &User, session: Session<'_, User>, mut shutdown: Shutdown) -> EventStream![] {
    ///     let mut ended = session.ended();
    ///     EventStream! {
    ///         let mut seconds = interval(Duration::from_secs(1));
    ///         loop {
    ///             select! {
    ///                 _ = seconds.tick() => yield Event::data("tick"),
    ///                 () = &mut ended => break,
    ///                 () = &mut shutdown => break,
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn ended(&self) -> Ended {
        let core = &self.state().core;
        let now = core.now();
        let Some((watched, begins)) = self.state().look(|edits| edits.watched(core, now)) else { return Ended(None) };
        let storage = self.state().lasting_storage();
        let watch = Watch { core: core.clone(), storage, watched, data: PhantomData::<fn() -> T> };
        Ended(Some(Box::pin(watch.wait(begins))))
    }
}

/// What a stream watches its session by.
struct Watch<T> {
    core: Arc<Core>,
    storage: Arc<dyn SessionStorage>,
    watched: Arc<Watched>,
    data: PhantomData<fn() -> T>,
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.core.streams.leave(&self.watched);
    }
}

/// What the storage has of a session.
enum Found {
    Session(Key, Arc<Record>),
    /// It was given another key.
    Moved,
    Nothing,
}

impl<T: SessionData> Watch<T> {
    /// Waits for the end. A session that `begins` is waited for until then.
    async fn wait(self, mut begins: Option<Timestamp>) {
        loop {
            // Asked before the storage is: what is saved meanwhile, it may have missed.
            let saved = self.watched.key().is_some();
            match self.lives().await {
                Ok(true) => begins = None,
                Ok(false) if saved || begins.is_none_or(|until| until <= self.core.now()) => return,
                Ok(false) => {}
                // Requests tell of it; a thousand streams need not.
                Err(error) => log::debug!("a stream of `{}`: {}", self.core.name, crate::core::chain(&error)),
            }
            // Either is a reason to look again.
            let _ = timeout(self.core.settings.watch, self.watched.stirred.notified()).await;
        }
    }

    async fn lives(&self) -> Result<bool, StorageError> {
        let (now, budget) = (self.core.now(), self.core.budget());
        loop {
            let (key, record) = match budget.wait(self.find(now)).await? {
                Found::Session(key, record) => (key, record),
                Found::Moved => return Ok(true),
                Found::Nothing => return Ok(false),
            };
            // To requests, what can not be read is no session either.
            let Ok(view) = record.view::<T>(self.core.settings.readable()) else { return Ok(false) };
            let Some(stamps) = self.core.stamps::<T>().filter(|_| record.meta.identified) else { return Ok(true) };
            let handle = self.watched.handle;
            if stamps.are_current(&budget, handle, &view.value, now).await? {
                return Ok(true);
            }
            if let Doubted::Ended(ended) =
                end_unless_changed::<T>(&*self.storage, &budget, &key, record.meta.version, now).await?
            {
                if ended {
                    self.core.ended_by_stamp(handle, view.value.identity(), None);
                }
                return Ok(false);
            }
        }
    }

    async fn find(&self, now: Now) -> Result<Found, StorageError> {
        let handle = &self.watched.handle;
        if let Some(index) = self.storage.index() {
            let found = index.find(handle, now).await?;
            return Ok(found.map_or(Found::Nothing, |(key, record)| Found::Session(key, record)));
        }
        let Some(key) = self.watched.key() else { return Ok(Found::Nothing) };
        Ok(match self.storage.load(&key, now).await? {
            Loaded::Live { record, .. } if record.meta.handle == *handle => Found::Session(key, record),
            Loaded::Moved => Found::Moved,
            Loaded::Live { .. } | Loaded::Absent => Found::Nothing,
        })
    }
}
