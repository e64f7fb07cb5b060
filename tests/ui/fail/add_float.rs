use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = add)]
    price: f64,
}

fn main() {}
