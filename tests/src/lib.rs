//! A site that uses sessions in every way, and browsers that visit it.

mod browser;
mod hard_routes;
mod routes;
mod site;
mod user;

pub use self::browser::{Answer, Browser};
pub use self::site::{Builder, Site, Stack};
pub use self::user::{Guest, Role, User, UserMut};
