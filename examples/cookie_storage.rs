//! Sessions that live in their cookies, sealed: nothing to store, and nothing on the server to ask.
//!
//! ```sh
//! cargo run --example cookie_storage
//! curl -i -c jar -X POST localhost:8000/login/ada      # the cookie is the session; nobody can read or change it
//! curl -b jar -c jar -X POST localhost:8000/theme/dark # each change sends it anew
//! curl -b jar localhost:8000/                          # ada likes dark
//! cp jar copy
//! curl -b jar -c jar -X POST localhost:8000/logout
//! curl -b copy localhost:8000/                         # 401: revocations make an end final
//! ```
//!
//! Without `revocations` the last line would be answered: whoever kept a copy can use it until it expires.

use rocket::{get, launch, post, routes};
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Session, Sessions};

/// No field merges, and none is an `identifier`: the launch is refused otherwise, and says why.
#[derive(Clone, Session)]
#[session(required)]
struct User {
    name: String,
    theme: String,
}

#[get("/")]
fn home(user: &User) -> String {
    format!("{} likes {}\n", user.name, user.theme)
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    session.start(User { name: name.into(), theme: "light".into() });
}

#[post("/theme/<theme>")]
fn theme(theme: &str, mut user: UserMut<'_>) {
    user.set_theme(theme);
}

#[post("/logout")]
fn logout(session: Session<'_, User>) {
    session.end();
}

#[launch]
fn rocket() -> _ {
    // The same in `Rocket.toml`, with a storage that outlasts a restart:
    // session = { storage = "cookie", cookie = { revocations = "sqlite://ended.db" } }
    let storage = CookieStorage::new().revocations(MemoryStorage::new());
    rocket::build().attach(Sessions::<User>::builder().storage(storage)).mount("/", routes![home, login, theme, logout])
}
