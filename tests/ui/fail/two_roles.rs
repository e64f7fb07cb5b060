use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(role)]
    role: String,
    #[session(role)]
    team: String,
}

fn main() {}
