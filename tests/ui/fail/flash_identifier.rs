use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier, flash)]
    id: Option<u64>,
}

fn main() {}
