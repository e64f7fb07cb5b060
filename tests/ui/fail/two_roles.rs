use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(role)]
    rank: String,
    #[session(role)]
    team: String,
}

fn main() {}
