//! The session types of one application, which must not share a name, a cookie, or where they are kept.

use std::any::TypeId;

use parking_lot::Mutex;
use rocket::{Build, Rocket};

use crate::config::{Config, ConfigError, SHARED, Spot};

/// The session types that are attached.
#[derive(Default)]
pub(super) struct Names(Mutex<Vec<Entry>>);

/// A session type that is attached.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// The type itself, and its path.
    pub(super) data: (TypeId, &'static str),
    pub(super) config: Config,
    /// Where it is kept, if the configuration says that.
    pub(super) spot: Option<Spot>,
}

impl Names {
    /// Enters a session type, unless another has what it must not share.
    pub(super) fn enter(rocket: Rocket<Build>, entry: Entry) -> (Rocket<Build>, Result<(), ConfigError>) {
        let rocket = if rocket.state::<Self>().is_none() { rocket.manage(Self::default()) } else { rocket };
        let entered = rocket.state::<Self>().map_or(Ok(()), |names| names.add(entry));
        (rocket, entered)
    }

    fn add(&self, entry: Entry) -> Result<(), ConfigError> {
        let mut names = self.0.lock();
        names.iter().try_for_each(|other| entry.differs(other))?;
        names.push(entry);
        Ok(())
    }
}

impl Entry {
    fn differs(&self, other: &Self) -> Result<(), ConfigError> {
        if self.data == other.data {
            return Err(ConfigError::Twice { data: self.data.1 });
        }
        self.config.distinct(self.name, &other.config, other.name)?;
        match &self.spot {
            // What is written for `session` would go for the other type, too.
            Some(spot) if self.spot == other.spot => {
                Err(spot.taken(if self.name == SHARED { other.name } else { self.name }))
            }
            _ => Ok(()),
        }
    }
}
