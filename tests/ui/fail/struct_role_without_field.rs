use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(min = 3)]
struct User {
    theme: String,
}

fn main() {}
