mod user {
    #[derive(Clone, rocket_typed_session::Session)]
    #[session(required)]
    pub struct User {
        pub theme: String,
        phone: String,
    }
}

fn page(user: user::UserMut<'_>) -> String {
    user.phone.clone()
}

fn main() {}
