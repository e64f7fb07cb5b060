use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(flash)]
struct User {
    theme: String,
}

fn main() {}
