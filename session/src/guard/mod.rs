//! Request guards.

mod editor;
mod error;

pub use self::editor::Editor;
pub use self::error::GuardError;

use std::future::Future;
use std::pin::Pin;

use rocket::request::Outcome;
use rocket::{Ignite, Request, Rocket};

use crate::data::{Policy, SessionData};

/// A guard on its way.
pub type Guarding<'f, G> = Pin<Box<dyn Future<Output = Outcome<G, GuardError>> + Send + 'f>>;

/// The guard `&T`.
pub fn read<'r: 'f, 'l: 'f, 'f, T: SessionData>(_request: &'r Request<'l>) -> Guarding<'f, &'r T> {
    todo!()
}

/// The guard `T`.
pub fn owned<'r: 'f, 'l: 'f, 'f, T: SessionData>(_request: &'r Request<'l>) -> Guarding<'f, T> {
    todo!()
}

/// The guard `TMut<'r>`.
pub fn edit<'r: 'f, 'l: 'f, 'f, T: SessionData>(_request: &'r Request<'l>) -> Guarding<'f, T::Mut<'r>> {
    todo!()
}

/// A named guard: the data, if it meets a policy.
pub fn named<'r: 'f, 'l: 'f, 'f, T: SessionData, G: 'f>(
    _request: &'r Request<'l>,
    _policy: &'static Policy<T>,
    _wrap: fn(&'r T) -> G,
) -> Guarding<'f, G> {
    todo!()
}

/// Returns whether the fairing of `T` is missing, and says so.
pub fn aborts<T: SessionData>(_rocket: &Rocket<Ignite>) -> bool {
    todo!()
}
