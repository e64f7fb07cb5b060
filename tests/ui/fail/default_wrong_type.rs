use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(default = "light")]
    visits: u64,
}

fn main() {}
