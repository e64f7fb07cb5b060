use rocket_typed_session::Session;

#[derive(Clone, Session)]
struct User(u64, String);

fn main() {}
