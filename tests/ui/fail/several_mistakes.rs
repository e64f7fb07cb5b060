use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = 1))]
#[session(fresh = "soon")]
struct User {
    #[session(flsh)]
    notice: Option<String>,
    #[session(merge = add)]
    price: f64,
}

fn main() {}
