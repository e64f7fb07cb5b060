use serde::{Deserialize, Serialize};
use rocket_typed_session::Session;

#[derive(PartialEq, Serialize, Deserialize)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: Theme,
}

fn main() {}
