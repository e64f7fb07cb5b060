use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, guard(Admin))]
struct User {
    theme: String,
}

struct Admin;

fn main() {}
