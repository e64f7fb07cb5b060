use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(check = |user| true)]
struct User {
    theme: String,
}

fn main() {}
