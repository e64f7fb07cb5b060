use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Vault, fresh = 15))]
struct User {
    theme: String,
}

fn main() {}
