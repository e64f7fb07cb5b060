//! The application: one route at `/`, which depends on the scenario, and one to sign in.

mod bare;
mod flex;

use std::fmt;

use rocket::{Build, Rocket};

use crate::case::Scenario;

/// What keeps the sessions of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// Nothing does.
    Bare,
    /// `rocket_flex_session`.
    Flex,
}

impl Library {
    /// Every library, the bare application included.
    pub const ALL: [Self; 2] = [Self::Bare, Self::Flex];

    /// Returns the application that answers a scenario.
    pub(crate) fn app(self, scenario: Scenario) -> Rocket<Build> {
        match self {
            Self::Bare => bare::app(),
            Self::Flex => flex::app(scenario),
        }
    }

    /// Returns the name of its cookie.
    pub(crate) const fn cookie(self) -> &'static str {
        match self {
            Self::Bare => "none",
            Self::Flex => "rocket",
        }
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Flex => "flex",
        })
    }
}

/// Returns a Rocket without routes, which says nothing and has a secret key.
fn rocket() -> Rocket<Build> {
    let figment = rocket::Config::figment()
        .merge(("log_level", "off"))
        .merge(("secret_key", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="));
    rocket::custom(figment)
}
