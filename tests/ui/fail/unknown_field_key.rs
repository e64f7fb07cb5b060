use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(flsh)]
    theme: Option<String>,
}

fn main() {}
