use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: u64,
    #[session(identifier)]
    email: String,
}

fn main() {}
