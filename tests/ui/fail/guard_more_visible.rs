mod user {
    use rocket_typed_session::Session;

    #[derive(Clone, Session)]
    #[session(required, guard(Anybody, vis = pub))]
    pub(super) struct User {
        pub id: i64,
    }
}

fn main() {}
