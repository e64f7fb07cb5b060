//! Guards with conditions: a role, one of several, at least a rank, a fresh password, a rule of one's own.
//!
//! ```sh
//! cargo run --example guards_and_roles
//! curl -c jar -X POST localhost:8000/login/ada/editor
//! curl -b jar localhost:8000/drafts                    # ada may edit
//! curl -b jar -i localhost:8000/users                  # 403: an editor is no admin
//! curl -b jar -c jar -X POST localhost:8000/role/admin # the token changes with the role
//! curl -b jar localhost:8000/users                     # ada administers
//! curl -b jar localhost:8000/keys                      # for five minutes
//! curl -b jar -i localhost:8000/beta                   # 403: her name does not begin with a b
//! curl -i localhost:8000/users                         # 401: nobody is signed in
//! ```

use rocket::request::FromParam;
use rocket::{get, launch, post, routes};
use rocket_typed_session::{Session, Sessions};
use serde::{Deserialize, Serialize};

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Writer, any(Role::Author, Role::Editor)))]
#[session(guard(Reviewer, min = Role::Editor))]
#[session(guard(Admin, role = Role::Admin))]
#[session(guard(KeyKeeper, role = Role::Admin, fresh = "5m"))]
#[session(guard(Tester, check = User::tests_the_beta))]
struct User {
    #[session(identifier)]
    name: String,
    #[session(role)]
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Role {
    Author,
    Editor,
    Admin,
}

impl User {
    fn tests_the_beta(&self) -> bool {
        self.name.starts_with('b')
    }
}

impl<'a> FromParam<'a> for Role {
    type Error = &'a str;

    fn from_param(text: &'a str) -> Result<Self, Self::Error> {
        match text {
            "author" => Ok(Self::Author),
            "editor" => Ok(Self::Editor),
            "admin" => Ok(Self::Admin),
            other => Err(other),
        }
    }
}

/// Signs in as anybody, as anything: ask for a password here.
#[post("/login/<name>/<role>")]
fn login(name: &str, role: Role, session: Session<'_, User>) {
    session.start(User { name: name.into(), role });
}

#[post("/role/<role>")]
fn promote(role: Role, mut user: UserMut<'_>) {
    user.set_role(role);
}

#[get("/texts")]
fn texts(writer: Writer<'_>) -> String {
    format!("{} may write\n", writer.name)
}

#[get("/drafts")]
fn drafts(reviewer: Reviewer<'_>) -> String {
    format!("{} may edit\n", reviewer.name)
}

#[get("/users")]
fn users(admin: Admin<'_>) -> String {
    format!("{} administers\n", admin.name)
}

#[get("/keys")]
fn keys(keeper: KeyKeeper<'_>) -> String {
    format!("{} signed in within the last five minutes\n", keeper.name)
}

#[get("/beta")]
fn beta(tester: Tester<'_>) -> String {
    format!("{} tests the beta\n", tester.name)
}

#[launch]
fn rocket() -> _ {
    let routes = routes![login, promote, texts, drafts, users, keys, beta];
    rocket::build().attach(Sessions::<User>::fairing()).mount("/", routes)
}
