//! The session types of one application, which must not share a name.

use parking_lot::Mutex;
use rocket::{Build, Rocket};

use crate::config::{Config, ConfigError};

/// The session types that are attached.
#[derive(Default)]
pub(super) struct Names(Mutex<Vec<(&'static str, Config)>>);

impl Names {
    /// Enters a session type, unless another has its name or its cookie.
    pub(super) fn enter(
        rocket: Rocket<Build>,
        name: &'static str,
        config: &Config,
    ) -> (Rocket<Build>, Result<(), ConfigError>) {
        let rocket = if rocket.state::<Self>().is_none() { rocket.manage(Self::default()) } else { rocket };
        let entered = rocket.state::<Self>().map_or(Ok(()), |names| names.add(name, config));
        (rocket, entered)
    }

    fn add(&self, name: &'static str, config: &Config) -> Result<(), ConfigError> {
        let mut names = self.0.lock();
        names.iter().try_for_each(|(other, theirs)| config.distinct(name, theirs, other))?;
        names.push((name, config.clone()));
        Ok(())
    }
}
