//! What is measured: a library in a scenario.

use std::fmt;
use std::str::FromStr;

use crate::account::{DAYLIGHT, MIDNIGHT};
use crate::app::Library;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Comes with the library's cookie to the application without sessions.
    Presence,
    /// Comes without a cookie to a route that uses no session.
    Attached,
    /// Comes without a cookie to a route that reads the session.
    Anonymous,
    /// Comes with a cookie to a route that uses no session.
    Unused,
    /// Comes with a cookie to a route that reads the session.
    Read,
    /// Comes with a cookie to a route that changes one field of the session.
    Write,
    /// Signs in.
    Login,
}

impl Scenario {
    /// Every scenario, in the order of the tables.
    pub const ALL: [Self; 7] =
        [Self::Presence, Self::Attached, Self::Anonymous, Self::Unused, Self::Read, Self::Write, Self::Login];

    /// Returns whether its requests carry a cookie.
    pub(crate) const fn has_cookie(self) -> bool {
        matches!(self, Self::Presence | Self::Unused | Self::Read | Self::Write)
    }

    /// Returns the answers to the first two requests.
    pub(crate) const fn answers(self) -> [&'static str; 2] {
        match self {
            Self::Read => [MIDNIGHT, MIDNIGHT],
            Self::Write => [DAYLIGHT, MIDNIGHT],
            Self::Presence | Self::Attached | Self::Anonymous | Self::Unused | Self::Login => [DAYLIGHT, DAYLIGHT],
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Presence => "presence",
            Self::Attached => "attached",
            Self::Anonymous => "anonymous",
            Self::Unused => "unused",
            Self::Read => "read",
            Self::Write => "write",
            Self::Login => "login",
        })
    }
}

/// Who sends the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Rocket's local client, which sends no headers, and cookies beside them.
    Local,
    /// One that sends the headers of a browser.
    Browser,
}

impl Sender {
    const ALL: [Self; 2] = [Self::Local, Self::Browser];
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Browser => "browser",
        })
    }
}

/// A library in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What keeps the sessions.
    pub library: Library,
    /// What the requests do.
    pub scenario: Scenario,
    /// Who sends them.
    pub sender: Sender,
}

impl Case {
    /// Returns what the case is compared with: the same request, without a cookie, to the application without sessions.
    #[must_use]
    pub const fn baseline(self) -> Self {
        let scenario = if matches!(self.scenario, Scenario::Login) { Scenario::Login } else { Scenario::Attached };
        Self { library: Library::Bare, scenario, ..self }
    }

    /// Returns what keeps the sessions of the application that is asked.
    pub(crate) const fn host(self) -> Library {
        if matches!(self.scenario, Scenario::Presence) { Library::Bare } else { self.library }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.library, self.scenario, self.sender)
    }
}

/// A text is no name of a library, scenario or sender.
#[derive(Debug)]
pub struct UnknownCase(String);

impl fmt::Display for UnknownCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no library, scenario or sender", self.0)
    }
}

impl std::error::Error for UnknownCase {}

impl FromStr for Library {
    type Err = UnknownCase;

    fn from_str(name: &str) -> Result<Self, UnknownCase> {
        named(&Self::ALL, name)
    }
}

impl FromStr for Scenario {
    type Err = UnknownCase;

    fn from_str(name: &str) -> Result<Self, UnknownCase> {
        named(&Self::ALL, name)
    }
}

impl FromStr for Sender {
    type Err = UnknownCase;

    fn from_str(name: &str) -> Result<Self, UnknownCase> {
        named(&Self::ALL, name)
    }
}

fn named<T: Copy + fmt::Display>(all: &[T], name: &str) -> Result<T, UnknownCase> {
    all.iter().copied().find(|one| one.to_string() == name).ok_or_else(|| UnknownCase(name.to_owned()))
}
