//! Nothing is taken from the prelude.

#![no_implicit_prelude]

use ::std::clone::Clone;
use ::std::cmp::PartialEq;
use ::std::collections::{BTreeMap, BTreeSet};
use ::std::option::Option;
use ::std::string::String;

#[derive(Clone, PartialEq, ::std::fmt::Debug, ::serde::Serialize, ::serde::Deserialize)]
enum Role {
    Admin,
}

#[derive(Clone, ::rocket_typed_session::Session)]
#[session(required, guard(Admin, any(Role::Admin), fresh = "1h", otherwise = forward))]
struct User {
    #[session(identifier)]
    id: Option<i64>,
    #[session(role)]
    role: Option<Role>,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    #[session(merge = members)]
    tags: BTreeSet<String>,
    #[session(flash)]
    notice: Option<String>,
    #[session(secret, default)]
    phone: String,
}

#[derive(Clone, ::rocket_typed_session::Session)]
#[session(required)]
struct Bag(BTreeMap<String, u32>);

fn main() {}
