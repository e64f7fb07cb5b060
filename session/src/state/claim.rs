//! Which session a request claims to have.

use std::sync::Arc;

use rocket::Request;

use crate::bearer;
use crate::cookie::{Opens, Presented, presented};
use crate::core::{Carrier, Core};
use crate::event::{EventKind, RefusedCookie};
use crate::storage::cookie::Carried;
use crate::token::Key;

/// What a request presents, as far as it is taken.
pub(super) struct Claim {
    pub(super) key: Option<Key>,
    /// The session that the request's cookie carries, where sessions live in their cookies.
    pub(super) carried: Option<Arc<Carried>>,
    /// Whether the client keeps no cookie, and has its token in the `Authorization` header.
    pub(super) by_bearer: bool,
}

impl Claim {
    #[inline]
    pub(super) fn of(core: &Core, request: &Request<'_>) -> Self {
        let bearer = core.bearer().and_then(|seal| bearer::presented(request, seal));
        let by_bearer = bearer.is_some();
        let (key, carried) = match (&core.carrier, bearer) {
            (_, Some(presented)) => (core.take(request, presented), None),
            (Carrier::Token { cookie, .. }, None) => (core.accept(request, cookie), None),
            (Carrier::Record(cookies), None) => {
                let carried = cookies.carry(core.accept(request, &**cookies));
                (carried.key(), Some(Arc::new(carried)))
            }
        };
        Self { key, carried, by_bearer }
    }

    /// Returns the claim of who presents nothing to a storage that needs nothing presented.
    pub(super) const fn nothing() -> Self {
        Self { key: None, carried: None, by_bearer: false }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.key.is_none() && self.carried.is_none() && !self.by_bearer
    }
}

impl Core {
    /// Returns what is in the cookie that a request presents, if one is taken.
    fn accept<S: Opens>(&self, request: &Request<'_>, seal: &S) -> Option<S::Opened> {
        self.take(request, presented(request, self.cookie.name(), seal))
    }

    /// Returns what a request presents, if it is taken.
    #[inline]
    fn take<O>(&self, request: &Request<'_>, presented: Presented<'_, O>) -> Option<O> {
        match presented {
            Presented::Session { opened, .. } => return Some(opened),
            Presented::None => {}
            Presented::Refused(refused) => self.refused(request, refused.into()),
            Presented::Ambiguous => self.refused(request, RefusedCookie::Ambiguous),
        }
        None
    }

    #[cold]
    fn refused(&self, request: &Request<'_>, why: RefusedCookie) {
        self.tell(EventKind::Refused(why), None, None, request.client_ip());
    }
}
