use serde::{Deserialize, Serialize};
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(default)]
    theme: Theme,
}

fn main() {}
