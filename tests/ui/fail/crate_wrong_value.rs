use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(crate = "rocket_typed_session")]
struct User {
    theme: String,
}

fn main() {}
