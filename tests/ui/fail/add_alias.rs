use rocket_typed_session::Session;

type Price = f64;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(merge = add)]
    price: Price,
}

fn main() {}
