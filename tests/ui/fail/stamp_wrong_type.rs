use std::convert::Infallible;

use rocket_typed_session::{Session, Sessions};

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: i64,
    #[session(stamp)]
    password: u64,
}

fn main() {
    let _ = Sessions::<User>::builder().stamp(|_id| async { Ok::<_, Infallible>(Some("text")) });
}
