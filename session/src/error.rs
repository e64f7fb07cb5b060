//! What can go wrong.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use rocket::Request;
use rocket::http::Status;
use rocket::response::{self, Responder};

use crate::guard::GuardError;

/// A value that refuses to be serialized, or a key that JSON does not have.
#[derive(Debug, Clone)]
pub struct EncodeError {
    field: &'static str,
    source: Arc<serde_json::Error>,
}

impl EncodeError {
    pub(crate) fn new(field: &'static str, source: serde_json::Error) -> Self {
        Self { field, source: Arc::new(source) }
    }

    /// Returns the stored name of the field.
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the field `{}` can not be stored", self.field)
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// Why a storage did not answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StorageError {
    /// The storage can not be reached, or failed. A write may or may not have been applied.
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// The storage did not answer in time. A write may or may not have been applied.
    Timeout,
    /// The source of the security stamp failed, or did not answer in time: whether the session is still good is unknown.
    Stamp(Arc<dyn Error + Send + Sync>),
    /// There is no room, and everything that is kept is worth more than what is new. Nothing was done.
    Full,
    /// A session is larger than the storage takes. Nothing was done.
    TooLarge {
        /// The session's size, in bytes; of one that lives in its cookie, that of the cookie's name and value.
        size: usize,
        /// The greatest size, in bytes.
        limit: usize,
    },
    /// A value refuses to be serialized. Nothing was done.
    Encode(EncodeError),
    /// The storage can not do that. Nothing was done.
    Unsupported(&'static str),
}

impl StorageError {
    /// Returns the error of a storage that failed because of `source`.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into().into())
    }

    pub(crate) fn stamp(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Stamp(source.into().into())
    }

    /// Returns whether the storage failed, rather than refused what can not be stored.
    pub(crate) fn is_outage(&self) -> bool {
        !matches!(self, Self::Encode(_) | Self::TooLarge { .. } | Self::Unsupported(_))
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(_) => formatter.write_str("the session storage failed"),
            Self::Timeout => formatter.write_str("the session storage did not answer in time"),
            Self::Stamp(_) => formatter.write_str("the source of the security stamp failed"),
            Self::Full => formatter.write_str("the session storage is full"),
            Self::TooLarge { size, limit } => write!(formatter, "a session of {size} bytes is larger than {limit}"),
            Self::Encode(error) => error.fmt(formatter),
            Self::Unsupported(what) => formatter.write_str(what),
        }
    }
}

impl Error for StorageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(source) | Self::Stamp(source) => Some(&**source),
            Self::Encode(error) => error.source(),
            _ => None,
        }
    }
}

impl From<EncodeError> for StorageError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

/// Why a call on a session did nothing, or may have done nothing.
///
/// As a responder it answers with [`status`](Self::status), through the application's catchers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SessionError {
    /// There is no session. 401.
    Missing,
    /// The session was ended meanwhile. Nothing was written. 401.
    Gone,
    /// The session's token was rotated meanwhile by another request. Nothing was written. 409.
    Moved,
    /// Another request changed this field (its stored name) meanwhile. Nothing was written. 409.
    Conflict(String),
    /// What was asked for gives the session a new token, and it can not be handed out: the response has started, or the
    /// client is one by `Authorization` and [`Session::bearer`](crate::Session::bearer) was not called. Nothing was
    /// written. 500.
    TooLate,
    /// The request comes from another origin, and was to sign its visitor in: see
    /// [`CrossSiteConfig`](crate::CrossSiteConfig). Nothing was written. 403.
    CrossSite,
    /// A value or key can not be stored. The edit was not made. 422.
    Encode(EncodeError),
    /// The storage failed, or takes no such session; the [`StorageError`] says whether a write may have been applied. 503,
    /// or 500 for what can not be stored.
    Storage(StorageError),
}

impl SessionError {
    /// Returns the status that says this to a client: 401, 403, 409, 422, 500 or 503.
    ///
    /// [`Encode`](Self::Encode) is 422, as the error of an edit; where it is the application that made such a value,
    /// when the response is made, the answer is 500.
    pub fn status(&self) -> Status {
        match self {
            Self::Missing | Self::Gone => Status::Unauthorized,
            Self::CrossSite => Status::Forbidden,
            Self::Moved | Self::Conflict(_) => Status::Conflict,
            Self::Encode(_) => Status::UnprocessableEntity,
            Self::Storage(error) if error.is_outage() => Status::ServiceUnavailable,
            Self::TooLate | Self::Storage(_) => Status::InternalServerError,
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("there is no session"),
            Self::Gone => formatter.write_str("the session was ended meanwhile"),
            Self::Moved => formatter.write_str("the session's token was rotated meanwhile"),
            Self::Conflict(field) => write!(formatter, "the field `{field}` was changed meanwhile"),
            Self::TooLate => formatter.write_str("the client can not be given the token that this needs"),
            Self::CrossSite => formatter.write_str("a request of another origin signs nobody in"),
            Self::Encode(error) => error.fmt(formatter),
            Self::Storage(error) => error.fmt(formatter),
        }
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Encode(error) => error.source(),
            Self::Storage(error) => error.source(),
            _ => None,
        }
    }
}

impl From<EncodeError> for SessionError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<StorageError> for SessionError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl<'r> Responder<'r, 'static> for SessionError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        if let Some(reason) = GuardError::of_error(&self, true) {
            reason.keep(request);
        }
        Err(self.status())
    }
}
