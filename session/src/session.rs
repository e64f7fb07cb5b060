//! The session of a request.

#[cfg(feature = "devices")]
mod device;
mod index;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Sentinel, async_trait};

pub use self::index::Entry;

use crate::clock::Timestamp;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::guard::{self, Editor, GuardError, Guarding};
use crate::state::{Edits, Peer, Scope, State};
use crate::token::Handle;

/// The life of a session: begin it, change it, end it.
///
/// As a guard it succeeds with or without a session; it fails, with 503, only if the storage does. All handles of
/// one request share one session: each sees at once what another does. What they do is written once, when the
/// response is made and before its first byte is sent, unless [`save`](Self::save) writes it before.
///
/// # Examples
///
/// ```
/// use rocket::{form::Form, post, response::Redirect};
/// use rocket_typed_session::Session;
///
/// #[derive(Clone, Session)]
/// #[session(required)]
/// struct User {
///     #[session(identifier)]
///     id: i64,
/// }
///
/// #[post("/login", data = "<id>")]
/// fn login(session: Session<'_, User>, id: Form<i64>) -> Redirect {
///     session.start(User { id: *id });
///     Redirect::to("/")
/// }
///
/// #[post("/logout")]
/// fn logout(session: Session<'_, User>) -> Redirect {
///     session.end();
///     Redirect::to("/")
/// }
/// ```
pub struct Session<'r, T: SessionData> {
    state: &'r State<T>,
    peer: &'r dyn Peer,
}

impl<'r, T: SessionData> Session<'r, T> {
    pub(crate) fn new(state: &'r State<T>, peer: &'r dyn Peer) -> Self {
        Self { state, peer }
    }

    pub(crate) fn state(&self) -> &'r State<T> {
        self.state
    }

    /// Returns the state, which knows who made the request and can tell of it.
    fn met(&self) -> &'r State<T> {
        self.state.meet(self.peer);
        self.state
    }

    /// Changes the edits.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Edits<T>) -> R) -> R {
        self.state.change(self.peer, change)
    }

    /// Writes what was done so far.
    pub(crate) async fn write(&self, scope: Scope) -> Result<(), SessionError> {
        self.state.write(scope, self.peer).later().await
    }

    /// Returns the data as it is now, or [`None`] without a session.
    pub fn get(&self) -> Option<Arc<T>> {
        self.state.look(|edits| edits.session_data().cloned())
    }

    /// Returns the guard that edits the data, or [`None`] where there is nothing to edit.
    ///
    /// Without a session that is so if the struct is `required`; else the first edit begins a session.
    pub fn edit(&self) -> Option<T::Mut<'r>> {
        Editor::new(self.state, self.peer).map(T::wrap)
    }

    /// Edits a copy of the data. The fields that differ afterwards are the changed ones; of fields that merge by
    /// addition, the difference is what is added.
    ///
    /// # Errors
    ///
    /// [`SessionError::Missing`] where there is nothing to edit, and [`SessionError::Encode`] if a changed map or set
    /// has keys that can not be stored; nothing is changed then.
    pub fn update<R>(&self, edit: impl FnOnce(&mut T) -> R) -> Result<R, SessionError> {
        Editor::new(self.state, self.peer).ok_or(SessionError::Missing)?.update(edit)
    }

    /// Begins a session with this data under a new token, as at signing in. Whatever there was is ended.
    ///
    /// In a request that a page of another origin sent it is refused, with 403: see
    /// [`CrossSiteConfig`](crate::CrossSiteConfig).
    pub fn start(&self, data: T) {
        let now = self.state.core.now();
        self.change(|edits| edits.start(data, now));
    }

    /// Replaces the data, and gives a session with an identifier a new token, even if nothing differs: single fields are
    /// changed with [`edit`](Self::edit) and [`update`](Self::update). Maps and sets whose keys merge are changed key by
    /// key. With another identifier, or without a session, it is [`start`](Self::start).
    pub fn set(&self, data: T) {
        let now = self.state.core.now();
        self.change(|edits| edits.set(data, now));
    }

    /// Gives the session a new token; the old one is dead as soon as that is written. Without a session it does nothing.
    pub fn rotate(&self) {
        self.change(Edits::rotate);
    }

    /// Ends the session, for good: it is ended whatever the response is, and the cookie is removed. If the session had
    /// ended before, the cookie stays, since the browser may have a newer one by then. A session that lives in its
    /// [`cookie`](crate::storage::cookie) ends for good with revocations only.
    ///
    /// Handles of this request edit nothing afterwards; [`start`](Self::start) begins anew.
    pub fn end(&self) {
        self.change(Edits::end);
    }

    /// Takes note that the client proved who it is: the session is fresh, its absolute lifetime begins anew, and its
    /// token is rotated (NIST SP 800-63B-4, section 2.2.3). Without a session it does nothing.
    pub fn mark_authenticated(&self) {
        self.change(Edits::mark_authenticated);
    }

    /// Sets the lifetime of this session alone, for good: "remember me". It ends so long after now, or after the
    /// client proves again who it is; no shorter `idle` ends it before. Its cookie is persistent (`Max-Age`).
    ///
    /// Where sessions live in their cookies, with revocations, it only shortens: see [`storage::cookie`].
    ///
    /// It is called after [`start`](Self::start), which begins with the usual lifetime. Without a session it does nothing but
    /// log that.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use rocket::post;
    /// use rocket_typed_session::Session;
    ///
    /// #[derive(Clone, Session)]
    /// #[session(required)]
    /// struct User {
    ///     #[session(identifier)]
    ///     id: i64,
    /// }
    ///
    /// #[post("/login/<id>?<remember>")]
    /// fn login(session: Session<'_, User>, id: i64, remember: bool) {
    ///     session.start(User { id });
    ///     if remember {
    ///         session.set_ttl(Duration::from_hours(30 * 24));
    ///     }
    /// }
    /// ```
    ///
    /// [`storage::cookie`]: crate::storage::cookie
    pub fn set_ttl(&self, ttl: Duration) {
        let ttl = self.state.bounded(ttl);
        let exists = self.change(|edits| {
            edits.set_ttl(ttl);
            edits.exists()
        });
        if !exists {
            let core = &self.state.core;
            let what = format_args!("`set_ttl` does nothing without a session of `{}`: call it after `start`", T::NAME);
            core.log_error(&core.misplaced_ttl, what);
        }
    }

    /// Returns the public name of the session: the same across rotations, and useless as a credential.
    ///
    /// A session that began in this request has its name already. [`None`] without a session.
    pub fn handle(&self) -> Option<Handle> {
        self.state.look(Edits::handle).ok().flatten()
    }

    /// Returns when the session began.
    pub fn created_at(&self) -> Option<SystemTime> {
        self.time(|times| Some(times.created))
    }

    /// Returns when the session was used before this request, as far as that is written down: uses are written at
    /// most once in a tenth of `idle`.
    pub fn seen_at(&self) -> Option<SystemTime> {
        self.time(|times| Some(times.seen))
    }

    /// Returns when the session ends unless it is used again; after [`set_ttl`](Self::set_ttl) and
    /// [`mark_authenticated`](Self::mark_authenticated), as it will be.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.time(|times| Some(times.expires))
    }

    /// Returns when the client last proved who it is; [`None`] without a session, and in one where nobody did.
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.time(|times| times.authenticated)
    }

    fn time(&self, of: impl FnOnce(Times) -> Option<Timestamp>) -> Option<SystemTime> {
        let now = self.state.core.now();
        let times = self.state.look(|edits| edits.times(&self.state.core.settings, now));
        times.and_then(of).map(SystemTime::from)
    }

    /// Writes now what this request has done, and returns the outcome, which otherwise the response tells.
    ///
    /// After the response has started, data is written and the session is ended; what needs a cookie is refused, and
    /// where sessions live in their [`cookie`](crate::storage::cookie) everything does. Each call has
    /// [`timeout`](crate::Config::timeout) for itself then, so that a stream may save as often as it likes, and as late:
    /// where the storage keeps an index, data is written though the session's token was renewed meanwhile. A failure ends
    /// writing in this request: what was not written is dropped. Whoever stops waiting for the outcome gets it with the
    /// response: 503, since nobody knows.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`], [`Moved`](SessionError::Moved) and [`Conflict`](SessionError::Conflict) if other
    /// requests came before; [`TooLate`](SessionError::TooLate); [`CrossSite`](SessionError::CrossSite) of a sign-in that
    /// another origin's page sent; [`Missing`](SessionError::Missing) of a client by `Authorization` whose first edit
    /// would begin a session; [`Storage`](SessionError::Storage) if it is unknown whether anything was written, or if the
    /// storage takes no such session.
    pub async fn save(&self) -> Result<(), SessionError> {
        self.write(if self.state.keeps_taken() { Scope::AllButTaken } else { Scope::All }).await
    }
}

/// The times of a session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) created: Timestamp,
    pub(crate) seen: Timestamp,
    pub(crate) expires: Timestamp,
    /// [`None`] if nobody proved who it is.
    pub(crate) authenticated: Option<Timestamp>,
}

impl<T: SessionData> Clone for Session<'_, T> {
    fn clone(&self) -> Self {
        Self { state: self.state, peer: self.peer }
    }
}

impl<T: SessionData> Drop for Session<'_, T> {
    fn drop(&mut self) {
        self.state.dropped();
    }
}

impl<T: SessionData> fmt::Debug for Session<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("name", &T::NAME).field("handle", &self.handle()).finish()
    }
}

#[async_trait]
impl<'r, T: SessionData> FromRequest<'r> for Session<'r, T> {
    type Error = GuardError;

    /// Without `async`, which would box the future a second time.
    fn from_request<'a, 'f>(request: &'r Request<'a>) -> Guarding<'f, Self>
    where
        'r: 'f,
        'a: 'f,
        Self: 'f,
    {
        guard::open(State::of(request), request, move |state| Outcome::Success(Self::new(state, request)))
    }
}

impl<T: SessionData> Sentinel for Session<'_, T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        guard::aborts::<T>(rocket)
    }
}
