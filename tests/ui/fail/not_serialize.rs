use serde::Deserialize;
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Deserialize)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: Theme,
}

fn main() {}
