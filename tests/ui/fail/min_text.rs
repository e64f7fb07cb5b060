use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Staff, min = "member"))]
struct User {
    #[session(role)]
    role: String,
}

fn main() {}
