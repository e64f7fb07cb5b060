use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(alias = "theme")]
    theme: String,
}

fn main() {}
