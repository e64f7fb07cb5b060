use std::collections::{BTreeMap};
use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    insert_cart: bool,
}

fn main() {}
