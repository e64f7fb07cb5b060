use rocket_typed_session::Session;

type Owner = Option<u64>;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: Owner,
}

fn main() {}
