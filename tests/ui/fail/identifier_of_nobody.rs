use rocket_typed_session::Session;

#[derive(Clone, Default, Session)]
struct User {
    #[session(identifier)]
    id: u64,
}

fn main() {}
