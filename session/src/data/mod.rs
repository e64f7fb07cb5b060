//! What `#[derive(Session)]` implements: the shape of a session's data.

mod decode;
mod field;
mod kind;
mod lookup;
mod policy;
mod roles;
#[cfg(test)]
mod tests;

pub use self::decode::Decoder;
pub(crate) use self::decode::{Foreign, Unread};
pub use self::field::{Field, FieldOf, Undecodable};
pub use self::kind::{Add, Entries, EntryMap, Flash, Json, MemberSet, Members, Reject, Replace, With};
pub use self::lookup::{Find, Lookup};
pub use self::policy::{Otherwise, Policy};
pub use self::roles::{AtLeast, Roles, has_at_least, has_role};

pub(crate) use self::field::{FieldEdit, Refused, indices};

use std::fmt::Display;

use crate::guard::Editor;

/// The data of a session, implemented by [`derive@crate::Session`] and by nothing else.
///
/// Application code uses it as a bound only: `fn page<T: SessionData>(session: Session<'_, T>)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session",
    label = "this type does not derive `Session`",
    note = "add `#[derive(Clone, Session)]` from `rocket_typed_session` to the struct"
)]
pub trait SessionData: Clone + Send + Sync + Sized + 'static {
    /// The guard that edits this data: `UserMut<'r>` for a struct `User`.
    type Mut<'r>: Send + Sync;

    /// The name of the session type: of its cookie (`__Host-<name>`), of its table in `Rocket.toml`, and of its
    /// namespace in an index. `"session"` unless `#[session(name = "..")]` says otherwise.
    const NAME: &'static str;

    /// What a guard answers without a session; [`None`] where the data starts from its default.
    const REQUIRED: Option<Otherwise>;

    /// The conditions on the struct itself, which bind every guard but [`Session`](struct@crate::Session).
    const POLICY: Policy<Self>;

    #[doc(hidden)]
    const FIELDS: &'static [Field<Self>];

    #[doc(hidden)]
    const IDENTIFIER: Option<&'static str> = None;

    #[doc(hidden)]
    const STAMPED: bool = false;

    #[doc(hidden)]
    fn decode(decoder: &mut Decoder<'_, Self>) -> Option<Self>;

    #[doc(hidden)]
    fn anonymous() -> Option<Self>;

    #[doc(hidden)]
    fn wrap(editor: Editor<'_, Self>) -> Self::Mut<'_>;

    #[doc(hidden)]
    fn identity(&self) -> Option<String> {
        None
    }
}

/// A session that belongs to somebody: the field marked `#[session(identifier)]`.
///
/// Sessions of one identifier are listed and ended together. The derive implements this trait for structs that have
/// such a field; index calls exist only for them.
#[diagnostic::on_unimplemented(
    message = "sessions of `{Self}` are not grouped by an identifier",
    label = "`{Self}` has no identifier",
    note = "mark the field that names the owner of a session: `#[session(identifier)]`"
)]
pub trait SessionIdentifier: SessionData {
    /// The type of the identifier. Two identifiers are the same if their text is.
    type Id: Clone + Display + Send + Sync;

    /// Returns the identifier, or [`None`] while the session belongs to nobody.
    fn identifier(&self) -> Option<Self::Id>;
}

/// A session that is compared with its owner's account: the field marked `#[session(stamp)]`.
///
/// The derive implements this trait for structs that have such a field. [`Builder::stamp`](crate::Builder::stamp) says
/// what the field is compared with.
#[diagnostic::on_unimplemented(
    message = "sessions of `{Self}` have no security stamp",
    label = "`{Self}` has no stamp",
    note = "mark the field that is compared with the account: `#[session(stamp)]`"
)]
pub trait SessionStamp: SessionIdentifier {
    /// The type of the stamp.
    type Stamp: PartialEq + Send + Sync;

    /// Returns the stamp that the session began with, or was given since.
    fn stamp(&self) -> &Self::Stamp;
}

/// What a session that is not `required` starts from.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can not start without a session",
    label = "neither `required` nor `Default`",
    note = "write `#[session(required)]` on the struct, or implement `Default` for what a visitor starts with"
)]
pub trait Anonymous: Sized {
    #[doc(hidden)]
    fn anonymous() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> Anonymous for T {
    fn anonymous() -> Self {
        T::default()
    }
}
