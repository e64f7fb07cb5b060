//! Clients that keep no cookies: a program signs in, and sends its token in the `Authorization` header.
//!
//! ```sh
//! cargo run --example bearer_tokens
//! TOKEN=$(curl -s -d password=demo http://localhost:8000/token)
//! curl -H "Authorization: Bearer $TOKEN" http://localhost:8000/me
//! curl -i http://localhost:8000/me                     # 401, and `WWW-Authenticate: Bearer`
//! ```

use rocket::form::Form;
use rocket::http::Status;
use rocket::{FromForm, get, launch, post, routes};
use rocket_typed_session::{Session, SessionError, Sessions};

#[derive(Clone, Session)]
#[session(required)]
struct Client {
    #[session(identifier)]
    name: String,
    #[session(merge = add)]
    calls: u64,
}

#[derive(FromForm)]
struct Credentials {
    password: String,
}

/// Signs in: the session begins, and its token is the answer. It is shown this once.
#[post("/token", data = "<credentials>")]
async fn token(
    session: Session<'_, Client>,
    credentials: Form<Credentials>,
) -> Result<Result<String, Status>, SessionError> {
    if credentials.password != "demo" {
        return Ok(Err(Status::Forbidden));
    }
    session.start(Client { name: "demo".into(), calls: 0 });
    Ok(Ok(session.bearer().await?.as_str().to_owned()))
}

#[get("/me")]
fn me(mut client: ClientMut<'_>) -> String {
    client.add_calls(1);
    format!("{}, call {}\n", client.name, client.calls)
}

#[post("/logout")]
fn logout(session: Session<'_, Client>) {
    session.end();
}

#[launch]
fn rocket() -> _ {
    // As `bearer = true` in the table `session` of `Rocket.toml`.
    let figment = rocket::Config::figment().join(("session.bearer", true));
    rocket::custom(figment).attach(Sessions::<Client>::fairing()).mount("/", routes![token, me, logout])
}
