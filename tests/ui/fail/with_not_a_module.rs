use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(with = hex)]
    key: Vec<u8>,
}

fn main() {}
