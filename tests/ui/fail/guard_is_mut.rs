use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(UserMut))]
struct User {
    theme: String,
}

fn main() {}
