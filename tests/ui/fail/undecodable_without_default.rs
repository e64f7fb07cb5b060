use rocket_typed_session::Session;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Theme(String);

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(undecodable = default)]
    theme: Theme,
}

fn main() {}
