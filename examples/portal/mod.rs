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
use rocket::figment::Figment;
use rocket::figment::util::map;
use rocket::{Build, Rocket, catchers};
use rocket_typed_session::{Builder, Sessions};

use self::accounts::Accounts;

/// The key of the demonstration, which everybody knows: with it a restart keeps everyone signed in.
const KEY: &str = "cG9ydGFsIGRlbW9uc3RyYXRpb24ga2V5LCBwdWJsaWM=";

/// Returns the portal, with its sessions configured by `Rocket.toml`: in the file `portal.db`, unless that names
/// another storage.
pub fn rocket() -> Rocket<Build> {
    build(rocket::custom(figment()), Sessions::<User>::fairing(), Sessions::<Guest>::fairing())
}

fn figment() -> Figment {
    let figment = rocket::Config::figment().join(("session", map! { "storage" => "sqlite://portal.db" }));
    // Any other profile needs a key of its own.
    if figment.profile() == rocket::Config::DEBUG_PROFILE { figment.join(("secret_key", KEY)) } else { figment }
}

/// Returns the portal on a Rocket, and with session fairings, of the caller's choice: in tests, with a clock to set or
/// a storage to observe.
pub fn build(rocket: Rocket<Build>, users: Builder<User>, guests: impl Fairing) -> Rocket<Build> {
    let accounts = Accounts::default();
    rocket
        .attach(accounts.guard(users))
        .attach(guests)
        .manage(accounts)
        .mount("/", pages::routes())
        .mount("/api", api::routes())
        .register("/", catchers![errors::page])
        .register("/api", catchers![errors::json])
}
