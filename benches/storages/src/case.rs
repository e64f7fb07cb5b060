//! What is measured: a library on a storage, asked for something.

use std::fmt;

/// Where the sessions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    Redis,
    Postgres,
    Sqlite,
}

impl Storage {
    pub(crate) const ALL: [Self; 3] = [Self::Redis, Self::Postgres, Self::Sqlite];
}

/// What keeps the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    Typed,
    Flex,
    Tower,
    Actix,
}

impl Library {
    pub(crate) const ALL: [Self; 4] = [Self::Typed, Self::Flex, Self::Tower, Self::Actix];

    /// Returns the framework that the library is for.
    pub(crate) const fn framework(self) -> Framework {
        match self {
            Self::Typed | Self::Flex => Framework::Rocket,
            Self::Tower => Framework::Axum,
            Self::Actix => Framework::Actix,
        }
    }

    /// Returns whether the library comes with such a storage.
    pub(crate) const fn has(self, storage: Storage) -> bool {
        !matches!((self, storage), (Self::Actix, Storage::Postgres | Storage::Sqlite))
    }
}

/// What answers the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framework {
    Rocket,
    Axum,
    Actix,
}

impl Framework {
    pub(crate) const ALL: [Self; 3] = [Self::Rocket, Self::Axum, Self::Actix];
}

/// What a request does with its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    Read,
    /// Changes one field.
    Write,
}

impl Scenario {
    pub(crate) const ALL: [Self; 2] = [Self::Read, Self::Write];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Read => "/read",
            Self::Write => "/write",
        }
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Redis => "Redis",
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}
