#[session(required = forward, min = Role::Reader, fresh = "1d")]
#[session(guard(Editor, any(Role::Editor, Role::Admin)))]
#[session(guard(Both, all("a", "b"), role = if strict() { "c" } else { "d" }))]
struct Staff {
    #[session(role)]
    roles: Vec<Role>,
}
