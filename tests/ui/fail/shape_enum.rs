use rocket_typed_session::Session;

#[derive(Clone, Session)]
enum User {
    Guest,
}

fn main() {}
