//! A message for the next page: set before a redirect, read once, then gone.
//!
//! ```sh
//! cargo run --example flash
//! curl -c jar -b jar -X POST localhost:8000/save
//! curl -c jar -b jar localhost:8000/peek    # Some("saved"): looking does not take it
//! curl -c jar -b jar localhost:8000         # saved
//! curl -c jar -b jar localhost:8000         # nothing new
//! ```

use rocket::response::Redirect;
use rocket::{get, launch, post, routes, uri};
use rocket_typed_session::{Session, Sessions};

#[derive(Clone, Default, Session)]
struct Visitor {
    #[session(flash)]
    notice: Option<String>,
}

#[post("/save")]
fn save(mut visitor: VisitorMut<'_>) -> Redirect {
    visitor.set_notice(Some("saved".to_owned()));
    Redirect::to(uri!(home))
}

/// Takes the message. It is removed together with this response: if this one fails, the next page still has it.
#[get("/")]
fn home(mut visitor: VisitorMut<'_>) -> String {
    visitor.take_notice().unwrap_or_else(|| "nothing new".to_owned())
}

#[get("/peek")]
fn peek(visitor: &Visitor) -> String {
    format!("{:?}", visitor.notice)
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(Sessions::<Visitor>::fairing()).mount("/", routes![save, home, peek])
}
