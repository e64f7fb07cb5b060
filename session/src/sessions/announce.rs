//! What a launch says of where sessions live.

use rocket::figment::Figment;

use crate::config::Config;
use crate::storage::Place;

/// Says where the sessions of type `name` live, and in which cookie their clients keep them or their token.
pub(super) fn announce(name: &str, config: &Config, given: Option<&Place>) {
    let cookie = config.cookie_name(name);
    match given {
        None => log::info!("sessions `{name}`: storage `{}`, cookie `{cookie}`", config.storage_kind()),
        Some(Place::Cookie(_)) => log::info!("sessions `{name}`: storage `cookie`, cookie `{cookie}`"),
        Some(Place::Storage(_)) => log::info!("sessions `{name}`: storage set in code, cookie `{cookie}`"),
    }
}

/// Warns of a storage in memory that nobody chose, unless in the debug profile.
pub(super) fn warn_of_default(name: &str, figment: &Figment) {
    if figment.profile() != rocket::Config::DEBUG_PROFILE && !Config::names_storage(figment, name) {
        log::warn!(
            "`{name}.storage` is not set: sessions live in memory, are lost at a restart, and are not shared among \
             processes; write `storage = \"memory\"` if that is meant"
        );
    }
}
