use rocket_typed_session::Session;

type Notice = String;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(flash)]
    notice: Notice,
}

fn main() {}
