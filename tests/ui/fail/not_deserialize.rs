use serde::Serialize;
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Serialize)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: Theme,
}

fn main() {}
