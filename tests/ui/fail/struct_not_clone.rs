use rocket_typed_session::Session;

#[derive(Session)]
#[session(required)]
struct User {
    theme: String,
}

fn main() {}
