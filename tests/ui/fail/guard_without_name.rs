use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(role = "admin"))]
struct User {
    #[session(role)]
    role: String,
}

fn main() {}
