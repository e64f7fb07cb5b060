use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, guard(Member))]
struct User {
    theme: String,
}

fn page(user: &User) {
    user.theme = String::new();
}

fn main() {}
