use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, guard(Admin, role = "admin"), guard(Staff, any("admin", "staff")))]
struct User {
    #[session(identifer)]
    id: i64,
    #[session(role secret)]
    role: String,
    #[session(stamp)]
    stamp: u64,
}

fn main() {}
