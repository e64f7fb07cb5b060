use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: &'static str,
}

fn main() {}
