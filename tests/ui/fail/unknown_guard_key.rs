use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, rol = 1))]
struct User {
    theme: String,
}

fn main() {}
