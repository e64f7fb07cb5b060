use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier, stamp)]
    id: i64,
}

fn main() {}
