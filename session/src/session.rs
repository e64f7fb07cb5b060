//! The session of a request.

use std::marker::PhantomData;

use crate::data::SessionData;

/// The life of the session of type `T` in the request `'r`.
pub struct Session<'r, T: SessionData>(PhantomData<&'r T>);
