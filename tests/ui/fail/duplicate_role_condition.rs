use serde::{Deserialize, Serialize};
use rocket_typed_session::Session;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
enum Role {
    Reader,
    Admin,
}

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Staff, role = Role::Reader, role = Role::Admin))]
struct User {
    #[session(role)]
    role: Role,
}

fn main() {}
