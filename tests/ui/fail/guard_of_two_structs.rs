use rocket_typed_session::Session;

#[derive(Clone, Default, Session)]
#[session(guard(Admin, fresh = "1h"))]
struct User {
    theme: String,
}

#[derive(Clone, Default, Session)]
#[session(name = "guest", guard(Admin, fresh = "2h"))]
struct Guest {
    theme: String,
}

fn main() {}
