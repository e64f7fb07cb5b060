use std::collections::{BTreeSet};
use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = entries)]
    tags: BTreeSet<String>,
}

fn main() {}
