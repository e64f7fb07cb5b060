#[session(required)]
#[session(guard(Admin, role = Role::Admin))]
#[session(guard(Vault, role = Role::Admin, fresh = "15m"))]
struct User {
    #[session(identifier)]
    id: i64,
    #[session(role)]
    role: Role,
    theme: String,
    #[session(merge = add)]
    visits: u64,
    #[session(merge = entries)]
    cart: BTreeMap<u32, u32>,
    #[session(flash)]
    notice: Option<String>,
    #[session(secret)]
    phone: String,
}
