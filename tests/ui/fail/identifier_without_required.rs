use rocket_typed_session::Session;

#[derive(Clone, Session)]
struct User {
    #[session(identifier)]
    id: i64,
    theme: String,
}

fn main() {}
