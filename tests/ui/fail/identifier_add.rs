use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier, merge = add)]
    id: u64,
}

fn main() {}
