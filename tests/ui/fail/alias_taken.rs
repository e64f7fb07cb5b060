use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(alias = "colour")]
    theme: String,
    colour: String,
}

fn main() {}
