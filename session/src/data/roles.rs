//! The shapes that a `#[session(role)]` field may have.

use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasher;

/// A field that holds roles: `R`, `Option<R>`, `Vec<R>`, a set of `R`, or text compared with a literal.
///
/// An empty or absent role satisfies nothing.
#[diagnostic::on_unimplemented(
    message = "a role field of type `{Self}` can not be compared with `{R}`",
    label = "not a role of this field",
    note = "write a role of the type that the field holds: it is `R`, `Option<R>`, `Vec<R>`, a set of `R`, or text compared \
            with a literal, where `R: PartialEq`"
)]
pub trait Roles<R> {
    /// Returns whether `role` is among the roles.
    fn has(&self, role: &R) -> bool;
}

/// A field that holds ordered roles, for `min = ..`.
#[diagnostic::on_unimplemented(
    message = "a role field of type `{Self}` has no order to compare with `{R}`",
    label = "`min` needs ordered roles",
    note = "derive `PartialOrd` for the role, lowest role first"
)]
pub trait AtLeast<R> {
    /// Returns whether one of the roles is `role` or higher.
    fn at_least(&self, role: &R) -> bool;
}

/// Returns whether `role` is among the roles of a field.
///
/// The role comes first, so that the compiler knows its type before it looks for what compares the two: what it says of a
/// role of another type is what `Roles` says.
pub fn has_role<R, F: Roles<R>>(role: &R, field: &F) -> bool {
    field.has(role)
}

/// Returns whether one of the roles of a field is `role` or higher; as `has_role`.
pub fn has_at_least<R, F: AtLeast<R>>(role: &R, field: &F) -> bool {
    field.at_least(role)
}

impl<R: PartialEq> Roles<R> for R {
    fn has(&self, role: &R) -> bool {
        self == role
    }
}

impl<R: PartialOrd> AtLeast<R> for R {
    fn at_least(&self, role: &R) -> bool {
        self >= role
    }
}

macro_rules! many_roles {
    ($($many:ty $(, $hasher:ident)?;)*) => { $(
        impl<R: PartialEq $(, $hasher: BuildHasher)?> Roles<R> for $many {
            fn has(&self, role: &R) -> bool {
                self.iter().any(|own| own == role)
            }
        }

        impl<R: PartialOrd $(, $hasher: BuildHasher)?> AtLeast<R> for $many {
            fn at_least(&self, role: &R) -> bool {
                self.iter().any(|own| own >= role)
            }
        }
    )* };
}

many_roles! {
    Option<R>;
    Vec<R>;
    BTreeSet<R>;
    HashSet<R, S>, S;
}

impl Roles<&str> for String {
    fn has(&self, role: &&str) -> bool {
        !self.is_empty() && self == role
    }
}

macro_rules! many_texts {
    ($($many:ty $(, $hasher:ident)?;)*) => { $(
        impl$(<$hasher: BuildHasher>)? Roles<&str> for $many {
            fn has(&self, role: &&str) -> bool {
                self.iter().any(|own| own.has(role))
            }
        }
    )* };
}

many_texts! {
    Option<String>;
    Vec<String>;
    BTreeSet<String>;
    HashSet<String, S>, S;
}
