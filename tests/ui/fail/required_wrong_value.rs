use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required = redirect)]
struct User {
    theme: String,
}

fn main() {}
