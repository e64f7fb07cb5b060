use rocket_typed_session::Session;

#[derive(Clone, Session)]
struct User;

fn main() {}
