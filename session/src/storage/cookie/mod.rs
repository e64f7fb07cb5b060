//! Sessions that live in their cookies, sealed.
//!
//! The cookie holds the whole session: nobody but the application can read or make one, and nothing is stored. The
//! server judges its expiry, so a cookie that is kept, or sent with a longer life, ends when its session does.
//!
//! A name and value of more than 4096 bytes are kept by no browser (RFC 6265bis, section 5.6). About 2,800 bytes of
//! fields fit. What is larger is [`StorageError::TooLarge`], from [`save`](crate::Session::save) or as a 500, with
//! nothing of the handler's answer, and the client keeps the cookie that it had.
//!
//! A cookie is sent again when its session changes, or when half of `idle` has passed since the last time. So a session
//! ends never later than `idle` after its last use, and up to half of that earlier. Where it is used from is not kept.
//!
//! # What it can not promise
//!
//! A storage on the server decides who was first. A cookie can not:
//!
//! - **The last response wins, for the whole session.** Of two requests at the same time, the changes of one are lost,
//!   of different fields, too. Nobody gets a conflict.
//! - **An old cookie replays until it expires**, with everything that it held: data, a role that was taken away since,
//!   an authentication.
//! - **An end is final only with revocations.** Without them [`end`](crate::Session::end) removes the cookie, and
//!   whoever kept a copy can use it until it expires. So can a request in flight bring it back. With
//!   `cookie.revocations`, or [`CookieStorage::revocations`], the handle of each session that ended is kept in another
//!   storage for `ttl` and an hour, and every request that uses a session looks there once. No session lives longer than that
//!   after it was last written then: [`set_ttl`](crate::Session::set_ttl) shortens it only. To remember users for 30
//!   days let `ttl` be 30 days, and shorten the sessions of those who do not ask for it.
//! - **No index.** Sessions can not be listed, counted, found or ended by others, and their number is not bounded.
//! - **Everyone's sessions** are ended by raising `cookie.epoch` in the configuration, which is sealed into each cookie.
//!   [`end_everyone`](crate::Sessions::end_everyone) is [`StorageError::Unsupported`].
//!
//! What needs any of these is refused at launch: fields with another `merge` than `replace`, an `identifier`, the keys
//! `max_per_user`, `renew` and `bearer`. A session is signed in without an identifier, too: by
//! [`start`](crate::Session::start), with roles, freshness and a new cookie as everywhere.
//!
//! A revocation is as lasting as where it is kept. In memory it is forgotten at a restart, and a Redis that evicts may
//! evict it. A storage in memory that is full forgets those of sessions in which nobody was signed in.
//!
//! ```toml
//! [default.session]
//! storage = "cookie"
//! cookie = { revocations = "sqlite://ended.db", epoch = 1 }
//! ```

mod carried;
#[cfg(test)]
mod promises;
mod revocations;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
mod tests;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::carried::Carried;
use self::revocations::Revocations;
pub(crate) use self::wire::Sealed;
use super::SessionStorage;
use crate::cookie::{MAX_SIZE, Opens};
use crate::error::StorageError;
use crate::seal::{RecordSeal, Refused};

/// Sessions that live in their cookies, sealed. The [module](self) says what they can not promise.
///
/// # Examples
///
/// ```
/// use rocket_typed_session::storage::cookie::CookieStorage;
/// use rocket_typed_session::storage::memory::MemoryStorage;
/// use rocket_typed_session::{Session, Sessions};
///
/// #[derive(Clone, Default, Session)]
/// struct Visitor {
///     theme: String,
/// }
///
/// let storage = CookieStorage::new().revocations(MemoryStorage::new());
/// let rocket = rocket::build().attach(Sessions::<Visitor>::builder().storage(storage));
/// ```
#[derive(Clone, Default)]
pub struct CookieStorage {
    revocations: Option<Arc<dyn SessionStorage>>,
}

impl CookieStorage {
    /// Returns the storage; revocations are kept where the configuration says, if it does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where it is kept which sessions were ended, instead of what `cookie.revocations` names. It serves no other
    /// session type.
    #[must_use]
    pub fn revocations(self, storage: impl SessionStorage) -> Self {
        Self { revocations: Some(Arc::new(storage)) }
    }

    /// Returns where it is kept which sessions were ended, if that was set.
    pub(crate) fn given(&self) -> Option<Arc<dyn SessionStorage>> {
        self.revocations.clone()
    }
}

impl fmt::Debug for CookieStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CookieStorage").field("revocations", &self.revocations.is_some()).finish()
    }
}

/// The cookies that carry the sessions of one type.
pub(crate) struct Cookies {
    seal: RecordSeal,
    /// The length of the cookie's name.
    name: usize,
    epoch: u32,
    revocations: Option<Revocations>,
}

impl Cookies {
    /// Returns the cookies of a name of this length; `ttl` is how long a session lives, and with revocations at most.
    pub(crate) fn new(
        seal: RecordSeal,
        name: usize,
        epoch: u32,
        revocations: Option<Arc<dyn SessionStorage>>,
        ttl: Duration,
    ) -> Self {
        let revocations = revocations.map(|storage| Revocations::new(storage, ttl));
        Self { seal, name, epoch, revocations }
    }

    /// Returns the storage of the session that a request presented, or of none.
    pub(crate) fn carry(self: &Arc<Self>, presented: Option<Sealed>) -> Carried {
        Carried::new(self.clone(), presented)
    }

    /// Returns how long a session lives at most after it was last written, if there is a bound.
    fn longest(&self) -> Option<Duration> {
        self.revocations.as_ref().map(Revocations::longest)
    }

    /// Returns the value of a session's cookie.
    fn seal(&self, sealed: &Sealed) -> Result<String, StorageError> {
        let body = sealed.write()?;
        let random = |_| StorageError::unavailable("the operating system gave no random bits");
        let value = self.seal.seal(&body).map_err(random)?;
        let size = self.name + value.len();
        if size > MAX_SIZE { Err(StorageError::TooLarge { size, limit: MAX_SIZE }) } else { Ok(value) }
    }
}

impl Opens for Cookies {
    type Opened = Sealed;

    fn open(&self, value: &str) -> Result<Sealed, Refused> {
        let body = self.seal.open(value, MAX_SIZE.saturating_sub(self.name))?;
        Sealed::read(&body).ok_or(Refused::Malformed)
    }
}
