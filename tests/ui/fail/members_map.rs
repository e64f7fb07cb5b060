use std::collections::{HashMap};
use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = members)]
    cart: HashMap<u32, u32>,
}

fn main() {}
