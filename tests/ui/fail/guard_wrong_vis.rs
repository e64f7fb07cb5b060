use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Member, vis = public))]
struct User {
    theme: String,
}

fn main() {}
