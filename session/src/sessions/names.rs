//! The session types of one application, which must not share a name, a cookie, or where they are kept.

use std::any::TypeId;
use std::sync::Arc;

use parking_lot::Mutex;
use rocket::{Build, Rocket};

use crate::config::{Config, ConfigError, SHARED, Spot};

/// The session types that are attached, and why others are not.
#[derive(Default)]
pub(super) struct Names {
    entered: Mutex<Vec<Entry>>,
    refusals: Mutex<Vec<ConfigError>>,
}

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
    /// Returns those of an application.
    pub(super) fn of(rocket: Rocket<Build>) -> (Rocket<Build>, Arc<Self>) {
        if let Some(names) = rocket.state::<Arc<Self>>().cloned() {
            return (rocket, names);
        }
        let names = Arc::<Self>::default();
        (rocket.manage(names.clone()), names)
    }

    /// Enters a session type, unless another has what it must not share.
    pub(super) fn enter(&self, entry: Entry) -> Result<(), ConfigError> {
        let mut entered = self.entered.lock();
        entered.iter().try_for_each(|other| entry.differs(other))?;
        entered.push(entry);
        Ok(())
    }

    /// Notes why a session type is refused. Returns whether none was for the same reason: what is wrong in the table that
    /// all share is said once.
    pub(super) fn refuse(&self, why: ConfigError) -> bool {
        let mut refusals = self.refusals.lock();
        let is_new = !refusals.contains(&why);
        refusals.push(why);
        is_new
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
