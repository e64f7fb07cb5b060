use rocket_typed_session::Session;

#[derive(Clone, PartialEq)]
struct Theme;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    themes: Vec<Theme>,
}

fn main() {}
