use rocket_typed_session::Session;

fn is_adult(age: u8) -> bool {
    age >= 18
}

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Adult, check = is_adult))]
struct User {
    age: u8,
}

fn main() {}
