use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(flash, merge = reject)]
    notice: Option<String>,
}

fn main() {}
