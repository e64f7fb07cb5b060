use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, name = "__Host-user")]
struct User {
    theme: String,
}

fn main() {}
