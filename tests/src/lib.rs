//! A site that uses sessions in every way, and browsers that visit it.

#![allow(clippy::expect_used, clippy::panic, reason = "a site for tests fails by panicking")]

mod app;
mod browser;
pub mod console;
pub mod credentials;
pub mod fuzz;
pub mod logs;
pub mod outage;
pub mod place;
mod race;
mod routes;
mod serve;
pub mod servers;
mod set_cookie;
mod site;
mod told;
pub mod trips;
mod unlisted;
mod user;

pub use self::app::{App, AppBuilder, figment};
pub use self::browser::{Answer, Browser};
pub use self::race::{overtake, together};
pub use self::serve::serve;
pub use self::set_cookie::SetCookie;
pub use self::site::{Builder, Site, Stack};
pub use self::told::Told;
pub use self::unlisted::Unlisted;
pub use self::user::{Admin, Guest, Role, User, UserMut};
