mod user {
    #[derive(Clone, rocket_typed_session::Session)]
    #[session(required, guard(Member))]
    pub struct User {
        pub theme: String,
    }
}

fn promote(user: &user::User) -> user::Member<'_> {
    user::Member(user)
}

fn main() {}
