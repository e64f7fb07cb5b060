//! What all requests of one session type share.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "they are tests")]
mod tests;

use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::tokio::time::{Instant, Sleep, sleep};

use crate::clock::{Clock, Now};
use crate::config::{Config, Unavailable};
use crate::cookie::SetCookie;
use crate::cross_site::CrossSite;
use crate::error::StorageError;
use crate::event::{Event, EventKind, Limit, Listener};
use crate::seal::Seal;
use crate::stamp::AnyStamps;
use crate::storage::SessionStorage;
use crate::storage::cookie::Cookies;
use crate::streams::Streams;
use crate::token::Handle;
use crate::unread::Reported;

/// What all requests of one session type share.
pub(crate) struct Core {
    pub(crate) name: &'static str,
    pub(crate) settings: Settings,
    pub(crate) storage: Arc<dyn SessionStorage>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) carrier: Carrier,
    pub(crate) cookie: SetCookie,
    /// Which requests of other origins may act; [`None`] if all may.
    pub(crate) cross_site: Option<CrossSite>,
    pub(crate) listener: Listener,
    /// What compares security stamps, if sessions have one.
    pub(crate) stamps: Option<AnyStamps>,
    /// The streams that stay open while their session lives.
    pub(crate) streams: Streams,
    /// How many request states are alive: while there are none, no response needs a look for its own.
    alive: AtomicUsize,
    /// Which unreadable fields of which sessions were reported.
    pub(crate) reported: Reported,
    /// How often it was logged that a session could not be stored.
    unstored: Limit,
    /// How often it was logged that nobody handed a new token out.
    pub(crate) unhanded: Limit,
    /// How often it was logged that a lifetime was set where there was no session.
    pub(crate) misplaced_ttl: Limit,
}

/// What a session's cookie holds.
pub(crate) enum Carrier {
    /// The token of a session in the storage. Clients by `Authorization` have one that is sealed for them.
    Token { cookie: Seal, bearer: Option<Box<Seal>> },
    /// The session itself.
    Record(Arc<Cookies>),
}

/// What a request needs of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Whether a session lives in its cookie, so that nothing is written without one.
    pub(crate) in_cookie: bool,
    pub(crate) idle: Duration,
    /// How long ago the last use is that is written down, when the next is.
    pub(crate) untouched: Duration,
    /// The same where something is written anyway: not within a moment, since that would be as much to write as the
    /// rest.
    pub(crate) unridden: Duration,
    pub(crate) ttl: Duration,
    pub(crate) newborn: Duration,
    pub(crate) renew: Option<Duration>,
    pub(crate) max_per_user: Option<NonZeroU32>,
    pub(crate) unavailable: Unavailable,
    pub(crate) persistent: bool,
    pub(crate) clear_site_data: bool,
    pub(crate) timeout: Duration,
    pub(crate) sweep: Duration,
    pub(crate) watch: Duration,
    pub(crate) max_size: usize,
}

impl Settings {
    /// Returns how large a session is read: twice as large as a request may write it. What several requests wrote at once
    /// may be larger than what each of them knew of, and PostgreSQL returns JSON with spaces.
    pub(crate) fn readable(&self) -> usize {
        self.max_size.saturating_mul(2)
    }

    /// Returns how large a session becomes that had `before` bytes, unless it may not: what is too large may shrink.
    pub(crate) fn writable(&self, size: usize, before: usize) -> Result<usize, StorageError> {
        let limit = self.max_size;
        if size > limit.max(before) { Err(StorageError::TooLarge { size, limit }) } else { Ok(size) }
    }

    fn new(config: &Config, carrier: &Carrier) -> Self {
        let in_cookie = matches!(carrier, Carrier::Record(_));
        let untouched = config.idle / if in_cookie { 2 } else { 10 };
        Self {
            in_cookie,
            idle: config.idle,
            untouched,
            unridden: untouched / 10,
            ttl: config.ttl,
            newborn: config.newborn,
            renew: config.renew,
            max_per_user: config.max_per_user.and_then(NonZeroU32::new),
            unavailable: config.unavailable,
            persistent: config.cookie.persistent,
            clear_site_data: config.clear_site_data,
            timeout: config.timeout,
            sweep: config.sweep,
            watch: config.watch,
            max_size: usize::try_from(config.max_size.as_u64()).unwrap_or(usize::MAX),
        }
    }
}

/// Whose session a call to the storage is about, and who asks, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whose {
    pub(crate) handle: Option<Handle>,
    pub(crate) identifier: Option<String>,
    pub(crate) ip: Option<IpAddr>,
}

impl Whose {
    /// Returns that it is about one session.
    pub(crate) fn one(handle: &Handle) -> Self {
        Self { handle: Some(*handle), ..Self::default() }
    }

    /// Returns that it is about all sessions of an identifier.
    pub(crate) fn all(identifier: &impl fmt::Display) -> Self {
        Self { identifier: Some(identifier.to_string()), ..Self::default() }
    }
}

/// How long the storage calls of one request may take from now on, all together.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<Duration>);

impl Budget {
    pub(crate) const fn new(time: Duration) -> Self {
        Self(Mutex::new(time))
    }

    pub(crate) fn renew(&self, time: Duration) {
        *self.0.lock() = time;
    }

    /// Waits for a storage. What is ready at once costs no timer, and what is not is not asked again at once.
    pub(crate) async fn wait<R>(&self, call: impl Future<Output = Result<R, StorageError>>) -> Result<R, StorageError> {
        let mut call = pin!(call);
        match poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
            Poll::Ready(answer) => answer,
            Poll::Pending => self.wait_on(call).await,
        }
    }

    /// Waits for a storage that was asked and has not answered at once.
    pub(crate) async fn wait_on<R>(
        &self,
        mut call: Pin<&mut (impl Future<Output = Result<R, StorageError>> + ?Sized)>,
    ) -> Result<R, StorageError> {
        let mut timer = Timer::new(&self.0);
        let mut asked = true;
        poll_fn(|context| {
            if !mem::take(&mut asked)
                && let Poll::Ready(answer) = call.as_mut().poll(context)
            {
                return Poll::Ready(answer);
            }
            timer.sleep.as_mut().poll(context).map(|()| Err(StorageError::Timeout))
        })
        .await
    }
}

/// Takes the time that is waited for a storage from what is left of a budget.
struct Timer<'b> {
    budget: &'b Mutex<Duration>,
    /// Apart, because it is large and most storages need none.
    sleep: Pin<Box<Sleep>>,
}

impl<'b> Timer<'b> {
    fn new(budget: &'b Mutex<Duration>) -> Self {
        let left = *budget.lock();
        Self { budget, sleep: Box::pin(sleep(left)) }
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        *self.budget.lock() = self.sleep.deadline().saturating_duration_since(Instant::now());
    }
}

impl Core {
    pub(crate) fn new(
        name: &'static str,
        config: &Config,
        storage: Arc<dyn SessionStorage>,
        clock: Arc<dyn Clock>,
        carrier: Carrier,
        listener: Listener,
        stamps: Option<AnyStamps>,
    ) -> Self {
        let settings = Settings::new(config, &carrier);
        let cookie = SetCookie::new(&config.cookie_name(name), &config.cookie);
        let cross_site = CrossSite::new(&config.cross_site, config.cookie.secure);
        Self {
            name,
            settings,
            storage,
            clock,
            carrier,
            cookie,
            cross_site,
            listener,
            stamps,
            streams: Streams::default(),
            alive: AtomicUsize::new(0),
            reported: Reported::default(),
            unstored: Limit::default(),
            unhanded: Limit::default(),
            misplaced_ttl: Limit::default(),
        }
    }

    /// Returns whether the cookies of tokens may be sealed with a previous key.
    pub(crate) fn has_previous_keys(&self) -> bool {
        matches!(&self.carrier, Carrier::Token { cookie, .. } if cookie.has_previous_keys())
    }

    /// Returns what seals the tokens of clients by `Authorization`, if there may be some.
    pub(crate) fn bearer(&self) -> Option<&Seal> {
        match &self.carrier {
            Carrier::Token { bearer, .. } => bearer.as_deref(),
            Carrier::Record(_) => None,
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now().into()
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget::new(self.settings.timeout)
    }

    /// Waits for a storage within a budget, and tells of a failure.
    pub(crate) async fn within<R>(
        &self,
        budget: &Budget,
        call: impl Future<Output = Result<R, StorageError>>,
        whose: Whose,
    ) -> Result<R, StorageError> {
        budget.wait(call).await.inspect_err(|error| {
            if let Some(failure) = self.failure(error) {
                self.tell(failure, whose.handle, whose.identifier, whose.ip);
            }
        })
    }

    /// Logs that the storage failed, and returns what is told of it. What can not be stored is no failure of it, and
    /// clients can cause it.
    pub(crate) fn failure(&self, error: &StorageError) -> Option<EventKind> {
        if !error.is_outage() {
            self.log_error(&self.unstored, format_args!("a session of `{}`: {}", self.name, chain(error)));
            return None;
        }
        log::error!("session storage of `{}`: {}", self.name, chain(error));
        Some(EventKind::StorageFailed(error.to_string()))
    }

    /// Logs an error that clients can cause as often as they like.
    pub(crate) fn log_error(&self, limit: &Limit, what: fmt::Arguments<'_>) {
        match limit.admit(self.now()) {
            None => {}
            Some(0) => log::error!("{what}"),
            Some(withheld) => log::error!("{what}; {withheld} before it are not in the log"),
        }
    }

    pub(crate) fn tell(&self, kind: EventKind, handle: Option<Handle>, identifier: Option<String>, ip: Option<IpAddr>) {
        self.listener.tell(&Event { kind, session: self.name, handle, identifier, at: self.clock.now(), ip });
    }

    pub(crate) fn enter(&self) {
        self.alive.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.alive.load(Ordering::Relaxed) == 0
    }
}

/// Returns an error's text with those of its sources that it does not end with itself.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let own = error.to_string();
        if !text.ends_with(&own) {
            text.push_str(": ");
            text.push_str(&own);
        }
        source = error.source();
    }
    text
}
