//! What a session type may not ask of where its sessions live.

use crate::config::{Config, ConfigError};
use crate::data::SessionData;
use crate::storage::SessionStorage;

/// Refuses what a storage without an index can not promise.
pub(super) fn of_storage<T: SessionData>(storage: &dyn SessionStorage) -> Result<(), ConfigError> {
    match T::IDENTIFIER {
        Some(field) if storage.index().is_none() => Err(ConfigError::Beyond {
            storage: "custom",
            what: grouped(field),
            instead: format!("implement `SessionStorage::index`, or {UNGROUPED}"),
        }),
        _ => Ok(()),
    }
}

/// What an identifier asks for.
fn grouped(field: &str) -> String {
    format!("list or end the sessions of one identifier, as asked for by the field `{field}`")
}

/// What works without.
const UNGROUPED: &str = "leave out `identifier`, without which `start` signs in all the same";

/// Refuses what no cookie can promise.
pub(super) fn of_cookies<T: SessionData>(config: &Config) -> Result<(), ConfigError> {
    merges::<T>()?;
    identifier::<T>()?;
    keys(config)
}

fn merges<T: SessionData>() -> Result<(), ConfigError> {
    let merging = T::FIELDS.iter().filter_map(|field| Some((field.name(), field.merges()?)));
    let fields: Vec<_> = merging.map(|(name, merge)| format!("`{name}` (`merge = {merge}`)")).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let what = format!("merge what several requests write, as asked for by {}", fields.join(", "));
    Err(beyond(what, "write `merge = replace` on named fields, with which the last response wins".into()))
}

fn identifier<T: SessionData>() -> Result<(), ConfigError> {
    let Some(field) = T::IDENTIFIER else { return Ok(()) };
    Err(beyond(grouped(field), UNGROUPED.into()))
}

fn keys(config: &Config) -> Result<(), ConfigError> {
    let asked = [
        ("max_per_user", config.max_per_user.is_some(), "count the sessions of one identifier"),
        ("bearer", config.bearer, "have bearer tokens, since there is nothing that they could lead to"),
        ("renew", config.renew.is_some(), "renew a token, since its cookie has none"),
    ];
    match asked.into_iter().find(|(_, asked, _)| *asked) {
        Some((key, _, what)) => Err(beyond(what.into(), format!("leave out `{}`", config.key(key)))),
        None => Ok(()),
    }
}

fn beyond(what: String, instead: String) -> ConfigError {
    ConfigError::Beyond { storage: "cookie", what, instead }
}
