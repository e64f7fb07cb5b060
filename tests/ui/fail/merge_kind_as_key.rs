use std::collections::{BTreeMap, BTreeSet};

use rocket_typed_session::Session;

#[derive(Clone, Default, Session)]
struct Visitor {
    #[session(add)]
    visits: u64,
    #[session(replace)]
    theme: String,
    #[session(entries)]
    cart: BTreeMap<u32, u32>,
    #[session(members = true)]
    marks: BTreeSet<u32>,
    #[session(secret, reject)]
    nickname: String,
}

fn main() {}
