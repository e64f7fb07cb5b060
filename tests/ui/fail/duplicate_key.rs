use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(required)]
struct User {
    theme: String,
}

fn main() {}
