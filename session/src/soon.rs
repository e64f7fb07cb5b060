//! What is known at once, or has to be waited for.

use std::future::ready;

use rocket::futures::future::BoxFuture;

/// What is known needs no future, which would cost more than to find it out.
pub(crate) enum Soon<'f, R> {
    Now(R),
    Later(BoxFuture<'f, R>),
}

impl<'f, R: Send + 'f> Soon<'f, R> {
    /// Returns what waits for it.
    pub(crate) fn later(self) -> BoxFuture<'f, R> {
        match self {
            Self::Now(known) => Box::pin(ready(known)),
            Self::Later(future) => future,
        }
    }
}
