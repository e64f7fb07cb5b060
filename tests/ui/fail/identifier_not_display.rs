use serde::{Deserialize, Serialize};
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Id(u64);

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: Id,
}

fn main() {}
