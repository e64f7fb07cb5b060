use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: String,
    set_theme: bool,
}

fn main() {}
