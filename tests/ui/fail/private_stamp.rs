pub mod user {
    use rocket_typed_session::Session;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, PartialEq, Serialize, Deserialize)]
    struct Stamp(u64);

    #[derive(Clone, Session)]
    #[session(required)]
    pub struct User {
        #[session(identifier)]
        pub id: i64,
        #[session(stamp)]
        stamp: Stamp,
    }
}

fn main() {}
