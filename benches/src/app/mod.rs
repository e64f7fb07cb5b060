//! The application: one route at `/`, which depends on the scenario, and one to sign in.

mod bare;
mod flex;
mod typed;

use std::fmt;
use std::time::Duration;

use rocket::figment::Figment;
use rocket::{Build, Rocket};

use crate::case::Scenario;

/// What keeps the sessions of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// Nothing does.
    Bare,
    /// This library.
    Typed,
    /// `rocket_flex_session`.
    Flex,
}

impl Library {
    /// Every library, the bare application included.
    pub const ALL: [Self; 3] = [Self::Bare, Self::Typed, Self::Flex];

    /// Returns the application that answers a scenario, with sessions that live so long.
    pub(crate) fn app(self, scenario: Scenario, life: Duration) -> Rocket<Build> {
        match self {
            Self::Bare => bare::app(),
            Self::Typed => typed::app(scenario, life),
            Self::Flex => flex::app(scenario, life),
        }
    }

    /// Returns the name of its cookie.
    pub(crate) const fn cookie(self) -> &'static str {
        match self {
            Self::Bare => "none",
            Self::Typed => "__Host-session",
            Self::Flex => "rocket",
        }
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Typed => "typed",
            Self::Flex => "flex",
        })
    }
}

/// Returns a configuration that says nothing while it runs, and has a secret key.
fn figment() -> Figment {
    rocket::Config::figment()
        .merge(("log_level", "off"))
        .merge(("secret_key", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="))
}
