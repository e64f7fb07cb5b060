use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = entries)]
    tags: Vec<String>,
}

fn main() {}
