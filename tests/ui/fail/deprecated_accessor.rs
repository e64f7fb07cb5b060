#![deny(deprecated)]

use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[deprecated(note = "use `theme`")]
    colour: String,
}

fn page(mut user: UserMut<'_>) {
    user.set_colour("red");
}

fn main() {}
