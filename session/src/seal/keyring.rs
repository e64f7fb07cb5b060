//! The keys of an application.

use rocket::Config as RocketConfig;
use rocket::figment::Figment;

use super::secret::{InvalidSecret, Secret, Written};
use crate::config::ConfigError;

/// The key that seals, and older ones that still open.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    pub(crate) current: Secret,
    pub(crate) previous: Vec<Secret>,
}

impl Keyring {
    /// Takes Rocket's `secret_key`. In the debug profile, a random one if there is none.
    pub(crate) fn from_figment(figment: &Figment, previous: &[Secret]) -> Result<Self, ConfigError> {
        let current = match written(figment)? {
            Some(secret) => secret,
            None if figment.profile() == RocketConfig::DEBUG_PROFILE => random()?,
            None => return Err(ConfigError::NoSecretKey { profile: figment.profile().to_string() }),
        };
        Ok(Self { current, previous: previous.to_vec() })
    }
}

/// Returns the `secret_key`, or [`None`] if there is none.
fn written(figment: &Figment) -> Result<Option<Secret>, ConfigError> {
    if !figment.contains("secret_key") {
        return Ok(None);
    }
    let written = figment.extract_inner::<Written>("secret_key");
    Ok(written.map_err(|_| ConfigError::SecretKey(InvalidSecret))?.secret())
}

fn random() -> Result<Secret, ConfigError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| ConfigError::NoRandomness)?;
    log::warn!(
        "no `secret_key` is configured: sessions are sealed with a random one, and every restart signs everyone out"
    );
    Secret::from_bytes(bytes).map_err(ConfigError::SecretKey)
}
