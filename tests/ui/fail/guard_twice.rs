use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Member))]
#[session(guard(Member, fresh = "1h"))]
struct User {
    theme: String,
}

fn main() {}
