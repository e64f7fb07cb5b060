//! What the derive's expansion names. No part of the public API.

pub use std::string::String;

pub use rocket::request::{FromRequest, Request};
pub use rocket::{Ignite, Rocket, Sentinel};

pub use crate::data::{
    Add, Anonymous, AtLeast, Decoder, Entries, EntryMap, Field, FieldOf, Find, Flash, Json, Lookup, MemberSet, Members,
    Otherwise, Policy, Reject, Replace, Roles, SessionData, SessionIdentifier, SessionStamp, Undecodable, With,
    has_at_least, has_role,
};
pub use crate::error::SessionError;
pub use crate::guard::{Editor, GuardError, Guarding, aborts, edit, named, owned, read};
pub use crate::session::Session;

/// Returns the text that names whose session it is.
pub fn identity<T: SessionIdentifier>(data: &T) -> Option<String> {
    data.identifier().map(|id| id.to_string())
}

/// Finds the default of a field's type, if it has one. No trait that the user has in scope names a method so.
pub struct Fallback<F>(std::marker::PhantomData<F>);

impl<F> Fallback<F> {
    /// Returns the probe of a type.
    #[allow(clippy::new_without_default, reason = "the expansion calls it by this name")]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<F: Default> Fallback<F> {
    /// Returns the type's default.
    pub fn __session_default(&self) -> Option<F> {
        Some(F::default())
    }
}

/// The answer for types without a default: a method of a trait, which a method of the type goes before.
pub trait NoFallback<F> {
    /// Returns nothing.
    fn __session_default(&self) -> Option<F> {
        None
    }
}

impl<F> NoFallback<F> for Fallback<F> {}
