use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct Taken {
    #[session(identifier)]
    id: i64,
    #[session(stamp, flash)]
    password: Option<u64>,
}

#[derive(Clone, Session)]
#[session(required)]
struct Added {
    #[session(identifier)]
    id: i64,
    #[session(stamp, merge = add)]
    password: u64,
}

#[derive(Clone, Session)]
#[session(required)]
struct Rotated {
    #[session(identifier)]
    id: i64,
    #[session(stamp, rotate)]
    password: u64,
}

fn main() {}
