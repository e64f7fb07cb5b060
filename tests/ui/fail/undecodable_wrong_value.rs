use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(undecodable = logout)]
    visits: u64,
}

fn main() {}
