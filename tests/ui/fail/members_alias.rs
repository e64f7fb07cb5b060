use rocket_typed_session::Session;

type Tags = Vec<String>;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = members)]
    tags: Tags,
}

fn main() {}
