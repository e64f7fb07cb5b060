use rocket_typed_session::Session;

#[derive(Clone, Session)]
struct User<T> {
    data: T,
}

fn main() {}
