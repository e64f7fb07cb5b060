use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(required)]
    theme: String,
}

fn main() {}
