use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(rename = "a/b")]
    theme: String,
}

fn main() {}
