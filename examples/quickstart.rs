//! The shortest way to a session: a struct, and the struct as guard.
//!
//! ```sh
//! cargo run --example quickstart
//! curl -c jar -X POST localhost:8000/login/ada
//! curl -b jar localhost:8000                         # hello ada, visit 0 in a light room
//! curl -b jar -X POST localhost:8000/theme/dark
//! curl -b jar localhost:8000                         # hello ada, visit 1 in a dark room
//! curl -i localhost:8000                             # 401: no session
//! ```

use rocket::{get, launch, post, routes};
use rocket_typed_session::{Session, Sessions};

#[derive(Clone, Session)]
#[session(required)]
struct User {
    name: String,
    theme: String,
    #[session(merge = add)]
    visits: u64,
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    session.start(User { name: name.into(), theme: "light".into(), visits: 0 });
}

#[get("/")]
fn home(user: &User) -> String {
    format!("hello {}, visit {} in a {} room\n", user.name, user.visits, user.theme)
}

#[post("/theme/<theme>")]
fn theme(theme: &str, mut user: UserMut<'_>) {
    user.set_theme(theme);
    user.add_visits(1);
}

#[post("/logout")]
fn logout(session: Session<'_, User>) {
    session.end();
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(Sessions::<User>::fairing()).mount("/", routes![login, home, theme, logout])
}
