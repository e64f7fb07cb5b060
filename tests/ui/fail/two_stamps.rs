use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: i64,
    #[session(stamp)]
    password: u64,
    #[session(stamp)]
    email: u64,
}

fn main() {}
