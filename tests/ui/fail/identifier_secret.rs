use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier, secret)]
    email: String,
}

fn main() {}
