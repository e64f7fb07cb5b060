//! The way from Rocket's figment to a [`Config`].

use rocket::figment::error::{Error, Kind};
use rocket::figment::value::{Dict, Map, Value};
use rocket::figment::{Figment, Profile, Provider};

use super::nearest::nearest;
use super::policy::Policy;
use super::{Config, ConfigError, duration};

/// The table that all session types share.
pub(crate) const SHARED: &str = "session";

/// The keys that the storage `cookie` can not follow.
const NOT_IN_COOKIE: [&str; 3] = ["bearer", "max_per_user", "renew"];

impl Config {
    /// Reads the configuration of the session type `name`, as its fairing does.
    ///
    /// # Errors
    ///
    /// If the figment can not be read, a key does not exist, or a value is not what its key takes or contradicts another.
    pub fn from_figment(figment: &Figment, name: &str) -> Result<Self, ConfigError> {
        let data = figment.data().map_err(|_| ConfigError::Unreadable)?;
        let mut shared = table(&data, figment.profile(), SHARED)?;
        let own = if name == SHARED { Dict::new() } else { table(&data, figment.profile(), name)? };
        if own.get("storage").and_then(Value::as_str) == Some("cookie") {
            // What the others' storage can do is not asked of this one.
            shared.retain(|key, _| !NOT_IN_COOKIE.contains(&key.as_str()));
        }
        let origin = |path: &str| if holds(&own, path) { name } else { SHARED };
        let mut merged = shared;
        overlay(&mut merged, own.clone());
        let config = Value::from(merged.clone()).deserialize::<Self>().map_err(|error| refusal(&error, origin))?;
        let config = config.adapted(|key| merged.contains_key(key));
        config.validate(name).map_err(|error| error.within(origin)).map(|()| config)
    }

    /// Returns whether a figment says where the sessions of type `name` live.
    pub(crate) fn names_storage(figment: &Figment, name: &str) -> bool {
        let Ok(data) = figment.data() else { return false };
        let named = |name| table(&data, figment.profile(), name).is_ok_and(|table| table.contains_key("storage"));
        named(SHARED) || named(name)
    }

    /// Shortens the defaults of what is not written to what is.
    fn adapted(mut self, written: impl Fn(&str) -> bool) -> Self {
        if !written("idle") {
            self.idle = self.idle.min(self.ttl);
        }
        if !written("newborn") {
            self.newborn = self.newborn.min(self.idle);
        }
        self
    }
}

impl ConfigError {
    /// Puts the name of its table before the key.
    fn within<'n>(mut self, origin: impl Fn(&str) -> &'n str) -> Self {
        if let Self::UnknownKey { key, .. } | Self::Invalid { key, .. } | Self::Contradiction { key, .. } = &mut self {
            *key = format!("{}.{key}", origin(key));
        }
        self
    }
}

/// Returns one table: `default`, under the selected profile, under `global`.
fn table(data: &Map<Profile, Dict>, selected: &Profile, name: &str) -> Result<Dict, ConfigError> {
    let mut table = Dict::new();
    for profile in [&Profile::Default, selected, &Profile::Global] {
        let layer = match data.get(profile).and_then(|layer| layer.get(name)) {
            None => continue,
            Some(Value::String(tag, storage)) => Dict::from([("storage".into(), Value::String(*tag, storage.clone()))]),
            Some(Value::Dict(_, layer)) => layer.clone(),
            Some(_) => return Err(ConfigError::Invalid { key: name.into(), expected: "a table or a storage".into() }),
        };
        overlay(&mut table, spelt_out(layer, name)?);
    }
    Ok(table)
}

/// Replaces `policy` by what it stands for, beside which the other keys of its layer win.
fn spelt_out(mut layer: Dict, name: &str) -> Result<Dict, ConfigError> {
    let Some(written) = layer.remove("policy") else { return Ok(layer) };
    let Some(policy) = written.as_str().and_then(Policy::named) else {
        let names = Policy::NAMES.map(|(name, _)| format!("`\"{name}\"`")).join(", ");
        return Err(ConfigError::Invalid { key: format!("{name}.policy"), expected: names });
    };
    for (key, value) in [("idle", policy.idle), ("ttl", policy.ttl)] {
        layer.entry(key.into()).or_insert_with(|| duration::text(value).into());
    }
    Ok(layer)
}

fn overlay(under: &mut Dict, over: Dict) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Dict(_, under)), Value::Dict(_, over)) => overlay(under, over),
            (_, value) => drop(under.insert(key, value)),
        }
    }
}

fn holds(table: &Dict, path: &str) -> bool {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (table.get(key), rest) {
        (Some(Value::Dict(_, inner)), Some(rest)) => holds(inner, rest),
        (found, _) => found.is_some(),
    }
}

/// Says what a key takes, and never what was found, which may be a secret.
fn refusal<'n>(error: &Error, origin: impl Fn(&str) -> &'n str) -> ConfigError {
    let key = error.path.join(".");
    let refusal = match &error.kind {
        Kind::UnknownField(field, known) => unknown(&error.path, field, known),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) | Kind::InvalidLength(_, expected) => {
            ConfigError::Invalid { key, expected: readable(expected).into() }
        }
        Kind::UnknownVariant(_, known) => {
            let known = known.iter().map(|known| format!("`\"{known}\"`")).collect::<Vec<_>>();
            ConfigError::Invalid { key, expected: known.join(" or ") }
        }
        Kind::Message(expected) => ConfigError::Invalid { key, expected: expected.clone() },
        _ => ConfigError::Invalid { key, expected: "another value".into() },
    };
    refusal.within(origin)
}

/// Says in an operator's words what serde calls by the names of Rust.
fn readable(expected: &str) -> &str {
    match expected {
        "a string" => "a text",
        "a boolean" => "true or false",
        "u32" | "usize" => "a whole number",
        "a byte unit as an integer or string" | "byte unit string" => {
            "a size such as `\"4MiB\"`, or an integer, in bytes"
        }
        expected if expected.starts_with("struct ") => "a table",
        expected => expected,
    }
}

/// Says which key may have been meant. Figment counts the unknown field in the path on some ways, not on others.
fn unknown(path: &[String], field: &str, known: &'static [&'static str]) -> ConfigError {
    let parents = path.strip_suffix(&[field.to_owned()][..]).unwrap_or(path);
    let top = if parents.is_empty() { Some("policy") } else { None };
    let key = parents.iter().map(String::as_str).chain([field]).collect::<Vec<_>>().join(".");
    ConfigError::UnknownKey { key, nearest: nearest(field, known.iter().copied().chain(top)) }
}
