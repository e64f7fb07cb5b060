use rocket_typed_session::Session;

#[derive(Debug, Clone, Session)]
#[session(required)]
struct User {
    #[session(secret)]
    phone: String,
}

fn main() {}
