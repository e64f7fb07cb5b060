use rocket_typed_session::Session;

#[derive(Clone, Copy, Session)]
union User {
    id: u64,
}

fn main() {}
