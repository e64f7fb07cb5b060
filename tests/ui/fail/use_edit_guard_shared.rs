use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, guard(Member))]
struct User {
    theme: String,
}

fn page(user: &UserMut<'_>) {
    user.set_theme("dark");
}

fn main() {}
