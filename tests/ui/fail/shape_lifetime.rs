use rocket_typed_session::Session;

#[derive(Clone, Session)]
struct User<'a> {
    theme: &'a str,
}

fn main() {}
