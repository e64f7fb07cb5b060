use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = add, with = hex)]
    visits: u64,
}

fn main() {}
