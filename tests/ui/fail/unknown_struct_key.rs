use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(reqired)]
struct User {
    theme: String,
}

fn main() {}
