//! A small web site with sign-in, roles, a cart and a list of devices.

mod accounts;
mod api;
mod errors;
mod languages;
mod pages;
mod session;
mod shop;
mod stamp;

pub use self::session::{Guest, Role, User};

use rocket::fairing::Fairing;
use rocket::{Build, Rocket, catchers};
use rocket_typed_session::Sessions;

/// Returns the portal, with its sessions configured by `Rocket.toml`.
pub fn rocket() -> Rocket<Build> {
    build(rocket::build(), Sessions::<User>::fairing(), Sessions::<Guest>::fairing())
}

/// Returns the portal on a Rocket, and with session fairings, of the caller's choice: in tests, with a clock to set or
/// a storage to observe.
pub fn build(rocket: Rocket<Build>, users: impl Fairing, guests: impl Fairing) -> Rocket<Build> {
    rocket
        .attach(users)
        .attach(guests)
        .mount("/", pages::routes())
        .mount("/api", api::routes())
        .register("/", catchers![errors::page])
        .register("/api", catchers![errors::json])
}
