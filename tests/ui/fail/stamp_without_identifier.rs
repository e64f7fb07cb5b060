use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    id: i64,
    #[session(stamp)]
    password: u64,
}

fn main() {}
