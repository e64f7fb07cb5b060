use serde::{Deserialize, Serialize};
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: Theme,
    #[session(secret)]
    phone: String,
}

fn main() {}
