use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(otherwise = forward)]
struct User {
    theme: String,
}

fn main() {}
