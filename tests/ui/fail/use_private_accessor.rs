mod user {
    #[derive(Clone, rocket_typed_session::Session)]
    #[session(required)]
    pub struct User {
        pub theme: String,
        phone: String,
    }
}

fn page(mut user: user::UserMut<'_>) {
    user.set_theme("dark");
    user.set_phone("1");
}

fn main() {}
