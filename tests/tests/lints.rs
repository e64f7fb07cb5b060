//! What is generated raises no lint in the user's code.

#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    unnameable_types,
    rust_2018_idioms,
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used
)]
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::Session;

/// A user.
#[derive(Clone, Session)]
#[session(required, guard(Admin, role = "admin"))]
pub struct User {
    /// Who it is.
    #[session(identifier)]
    pub id: Option<i64>,
    /// What they may.
    #[session(role)]
    pub role: String,
    /// How often they came.
    #[session(merge = add, default = 1)]
    pub visits: u64,
    /// What they want.
    #[session(merge = entries)]
    pub cart: BTreeMap<String, u32>,
    /// What they like.
    #[session(merge = members)]
    pub tags: BTreeSet<String>,
    /// What to tell them.
    #[session(flash)]
    pub notice: Option<String>,
    /// How to call them.
    #[session(secret, alias = "tel")]
    pub phone: String,
    /// Replaced by `notice`.
    #[deprecated = "use `notice`"]
    pub message: String,
    /// How much is there.
    pub len: usize,
    hidden: bool,
    _reserved: u8,
}

/// A bag.
#[derive(Debug, Clone, Default, Session)]
#[session(name = "bag")]
pub struct Bag(BTreeMap<String, u32>);

/// What is deprecated itself, and has a named guard.
#[deprecated = "use `User`"]
#[derive(Debug, Clone, Session)]
#[session(required, name = "old", guard(OldAdmin, role = "admin"))]
pub struct Old {
    #[session(role)]
    #[doc(alias = "power")]
    #[allow(missing_docs)]
    pub role: String,
}

/// What is deprecated, too.
#[deprecated = "use `String`"]
pub type Text = String;

/// Levels that are set on the struct and on its fields.
#[allow(deprecated)]
#[expect(missing_docs, non_snake_case, reason = "the names say it, and are so elsewhere")]
#[derive(Debug, Clone, Session)]
#[session(required, name = "levels")]
pub struct Levels {
    pub userName: Text,
    #[allow(clippy::type_complexity, clippy::option_option, clippy::box_collection)]
    pub nested: Option<Option<Box<Vec<BTreeMap<String, BTreeMap<String, (u8, Option<Vec<(u8, u8)>>)>>>>>>,
}

/// Fills a bag.
pub fn fill(mut bag: BagMut<'_>, user: &User) -> Option<u32> {
    let _ = user.hidden;
    bag.insert("a".to_owned(), 1).ok()?;
    bag.remove("a");
    bag.set(bag.entries().clone()).ok()?;
    bag.get("b").copied()
}
