use rocket_typed_session::Session;

fn parse(text: String) -> Option<u64> {
    text.parse().ok()
}

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(migrate = parse)]
    visits: u64,
}

fn main() {}
