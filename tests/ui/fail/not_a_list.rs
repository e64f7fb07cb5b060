use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session = "flash"]
    notice: Option<String>,
}

fn main() {}
