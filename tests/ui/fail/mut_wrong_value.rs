use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(mut = "Edit")]
struct User {
    theme: String,
}

fn main() {}
