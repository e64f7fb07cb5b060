//! A session for everybody, with free keys, beside the session of those who are signed in.
//!
//! ```sh
//! cargo run --example guest_sessions
//! curl -i localhost:8000/bag                               # empty; a look stores nothing and sets no cookie
//! curl -i -c jar -X POST localhost:8000/bag/colour/green   # the first change starts it: __Host-bag
//! curl -b jar -X POST localhost:8000/bag/size/7
//! curl -b jar localhost:8000/bag                           # colour=green, size=7
//! curl -b jar -c jar -X POST localhost:8000/login/ada      # a second cookie, __Host-session
//! curl -b jar localhost:8000/bag                           # the bag is still there
//! ```

use std::collections::BTreeMap;

use rocket::{get, launch, post, routes};
use rocket_typed_session::{Session, SessionError, Sessions};

/// Each key is changed by itself: requests that set different ones do not undo each other.
#[derive(Clone, Default, Session)]
#[session(name = "bag")]
struct Bag(BTreeMap<String, String>);

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    name: String,
}

#[get("/bag")]
fn bag(bag: &Bag) -> String {
    let lines: Vec<_> = bag.0.iter().map(|(key, value)| format!("{key}={value}")).collect();
    lines.join("\n")
}

#[post("/bag/<key>/<value>")]
fn put(key: &str, value: &str, mut bag: BagMut<'_>) -> Result<(), SessionError> {
    bag.insert(key.to_owned(), value.to_owned())
}

#[post("/bag/<key>", rank = 2)]
fn remove(key: &str, mut bag: BagMut<'_>) {
    bag.remove(key);
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    session.start(User { name: name.into() });
}

#[get("/me")]
fn me(user: &User, bag: &Bag) -> String {
    format!("{} carries {} things\n", user.name, bag.0.len())
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Sessions::<User>::fairing())
        .attach(Sessions::<Bag>::fairing())
        .mount("/", routes![bag, put, remove, login, me])
}
