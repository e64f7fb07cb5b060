use rocket_typed_session::Session;

#[derive(Clone, Session)]
#[session(required, guard(Member))]
struct User {
    theme: String,
}

fn page(member: Member<'_>) {
    member.theme = String::new();
}

fn main() {}
