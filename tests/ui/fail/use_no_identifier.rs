use rocket_typed_session::SessionIdentifier;
use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    theme: String,
}

fn list<T: SessionIdentifier>(_: &T) {}

fn page(user: &User) {
    list(user);
}

fn main() {}
