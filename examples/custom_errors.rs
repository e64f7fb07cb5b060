//! Why a request was refused: told apart by catchers, and by handlers that take a `Result`.
//!
//! ```sh
//! cargo run --example custom_errors
//! curl -i localhost:8000/secret                 # 401 {"error":"sign in first"}
//! curl -c jar -X POST localhost:8000/login/bob
//! curl -i -b jar localhost:8000/admin           # 403 {"error":"bob is no admin"}
//! curl -b jar localhost:8000/secret             # the secret, for ten seconds
//! sleep 10; curl -i -b jar localhost:8000/secret # 401 {"error":"give your password again"}
//! curl localhost:8000/greeting                  # hello stranger
//! ```

use rocket::http::Status;
use rocket::serde::json::{Value, json};
use rocket::{Request, catch, catchers, get, launch, post, routes};
use rocket_typed_session::{GuardError, Session, Sessions};

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = "admin"))]
#[session(guard(Fresh, fresh = "10s"))]
struct User {
    name: String,
    #[session(role)]
    role: String,
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    let role = if name == "ada" { "admin" } else { "member" };
    session.start(User { name: name.into(), role: role.into() });
}

#[get("/admin")]
fn admin(admin: Admin<'_>) -> String {
    format!("hello {}\n", admin.name)
}

#[get("/secret")]
fn secret(_fresh: Fresh<'_>) -> &'static str {
    "the secret\n"
}

/// Answers everybody: a `Result` hands the reason to the handler, and no catcher runs.
#[get("/greeting")]
fn greeting(user: Result<&User, GuardError>) -> String {
    match user {
        Ok(user) => format!("hello {}\n", user.name),
        Err(GuardError::Missing) => "hello stranger\n".to_owned(),
        Err(error) => format!("hello, whoever you are: {error}\n"),
    }
}

#[catch(default)]
async fn refused(status: Status, request: &Request<'_>) -> Value {
    let reason = match GuardError::of(request) {
        Some(GuardError::Missing) => "sign in first".to_owned(),
        Some(GuardError::Stale) => "give your password again".to_owned(),
        Some(GuardError::Gone) => "you were signed out meanwhile".to_owned(),
        Some(GuardError::Storage) => "try again soon, you are still signed in".to_owned(),
        Some(GuardError::Forbidden) => match request.guard::<&User>().await.succeeded() {
            Some(user) => format!("{} is no admin", user.name),
            None => "not for you".to_owned(),
        },
        _ => status.reason_lossy().to_lowercase(),
    };
    json!({ "error": reason })
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Sessions::<User>::fairing())
        .mount("/", routes![login, admin, secret, greeting])
        .register("/", catchers![refused])
}
