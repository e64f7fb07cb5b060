use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: String,
    #[session(rename = "theme")]
    colour: String,
}

fn main() {}
