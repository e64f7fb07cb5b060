use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier, rotate)]
    id: u64,
}

fn main() {}
