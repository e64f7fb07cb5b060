use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: uuid::Uuid,
    theme: Theem,
    #[session(role, secret)]
    role: crate::Role,
    #[session(merge = entries)]
    cart: HashMap<u32, u32>,
    #[session(flash)]
    notice: Option<Notise>,
}

fn main() {}
