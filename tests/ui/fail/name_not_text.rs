use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(name = guest)]
struct User {
    theme: String,
}

fn main() {}
