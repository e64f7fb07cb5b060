use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(alias = "colour", alias = "colour")]
    theme: String,
}

fn main() {}
