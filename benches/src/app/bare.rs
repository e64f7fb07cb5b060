//! The application without sessions, which gives the same answers.

use rocket::{Build, Rocket, get, post, routes};

use crate::account::DAYLIGHT;

#[get("/")]
fn plain() -> &'static str {
    DAYLIGHT
}

#[post("/")]
fn login() -> &'static str {
    DAYLIGHT
}

pub(super) fn app() -> Rocket<Build> {
    rocket::custom(super::figment()).mount("/", routes![plain, login])
}
