#[session(required)]
struct User {
    #[session(identifier)]
    id: i64,
    #[session(stamp, secret)]
    password: Option<String>,
}
