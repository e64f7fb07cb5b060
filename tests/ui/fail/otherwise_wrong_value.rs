use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Member, otherwise = refuse))]
struct User {
    theme: String,
}

fn main() {}
