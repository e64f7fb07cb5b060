//! Handing a token to a client.

use std::fmt;

use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::session::Session;
use crate::state::{Edits, Scope};

/// The token of a session, for a client that sends it as `Authorization: Bearer <token>`.
///
/// Whoever has it has the session. `Debug` does not show it.
#[derive(Clone)]
pub struct BearerToken(String);

impl BearerToken {
    /// Returns the text of the token, to be sent to the client: 124 characters of `A-Z a-z 0-9 - _`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken")
    }
}

impl<T: SessionData> Session<'_, T> {
    /// Gives the session a new token and returns it, for a client that keeps no cookies and sends it as
    /// `Authorization: Bearer <token>` (RFC 6750). The configuration must say `bearer = true`.
    ///
    /// It writes what this request has done, as [`save`](Self::save) does. From then on the client is one by
    /// `Authorization`: the response sets and removes no cookie. The token before is dead at once, one in a cookie, too,
    /// and the response is `Cache-Control: no-store`. It is a rotation even where nothing has changed; call it where a
    /// client signs in, and after the last change in a request that changes a role, an identifier or a stamp.
    ///
    /// A client by `Authorization` gets a new token in no other way. What needs one, such as
    /// [`start`](Self::start) or a change of a role, an identifier or a stamp, is [`SessionError::TooLate`] if nobody
    /// calls this, and not done; the response is 500 then. A rotation that falls due (`renew`, or a role that was
    /// changed from outside) waits for the next call.
    ///
    /// # Errors
    ///
    /// [`SessionError::Missing`] without a session, [`SessionError::Storage`] with [`StorageError::Unsupported`] where
    /// `bearer` is not switched on, and those of [`save`](Self::save).
    ///
    /// # Examples
    ///
    /// ```
    /// use rocket::post;
    /// use rocket_typed_session::{Session, SessionError};
    ///
    /// #[derive(Clone, Session)]
    /// #[session(required)]
    /// struct User {
    ///     #[session(identifier)]
    ///     id: i64,
    /// }
    ///
    /// #[post("/token")]
    /// async fn token(session: Session<'_, User>) -> Result<String, SessionError> {
    ///     // .. once the client has proved who it is:
    ///     session.start(User { id: 7 });
    ///     Ok(session.bearer().await?.as_str().to_owned())
    /// }
    /// ```
    pub async fn bearer(&self) -> Result<BearerToken, SessionError> {
        let state = self.state();
        if state.core.bearer().is_none() {
            return Err(StorageError::Unsupported("`bearer` is not switched on in the configuration").into());
        }
        self.get().ok_or(SessionError::Missing)?;
        let before = state.is_by_bearer();
        state.hand_over();
        self.change(Edits::rotate);
        let written = self.write(Scope::HandOver).await;
        let token = written.and_then(|()| state.take_token().map(BearerToken).ok_or(SessionError::Missing));
        if token.is_err() {
            state.hand_over_failed(before);
        }
        token
    }
}
