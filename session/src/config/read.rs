//! The way from Rocket's figment to a [`Config`].

use rocket::figment::error::{Error, Kind};
use rocket::figment::value::{Dict, Map, Value};
use rocket::figment::{Figment, Profile, Provider};

use super::nearest::nearest;
use super::policy::Policy;
use super::written::{Tables, Written};
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
        let mut merged = shared.clone();
        overlay(&mut merged, own.clone());
        let tables = Tables { name: name.into(), own, shared };
        let read = Value::from(merged).deserialize::<Self>();
        let mut config = read.map_err(|error| refusal(&error).within(|path| tables.key(path)))?;
        config.written = Written::in_tables(tables, &config);
        config.settled(name)
    }

    /// Takes over a configuration that was made in code, for the session type `name`.
    pub(crate) fn in_code(self, name: &str) -> Result<Self, ConfigError> {
        Self { written: self.written.taken_over(), ..self }.settled(name)
    }

    fn settled(mut self, name: &str) -> Result<Self, ConfigError> {
        self.shorten();
        self.validate(name).map_err(|error| error.within(|key| self.key(key)))?;
        Ok(self)
    }

    /// Returns whether a figment says where the sessions of type `name` live.
    pub(crate) fn names_storage(figment: &Figment, name: &str) -> bool {
        let Ok(data) = figment.data() else { return false };
        let named = |name| table(&data, figment.profile(), name).is_ok_and(|table| table.contains_key("storage"));
        named(SHARED) || named(name)
    }
}

impl ConfigError {
    /// Names the key by where it was written.
    pub(super) fn within(mut self, key_of: impl Fn(&str) -> String) -> Self {
        if let Self::UnknownKey { key, .. } | Self::Invalid { key, .. } | Self::Contradiction { key, .. } = &mut self {
            *key = key_of(key);
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

/// Says what a key takes, and never what was found, which may be a secret.
fn refusal(error: &Error) -> ConfigError {
    let key = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(field, known) => unknown(&error.path, field, known),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) | Kind::InvalidLength(_, expected) => {
            ConfigError::Invalid { key, expected: readable(expected).into() }
        }
        Kind::MissingField(field) => ConfigError::Invalid { key, expected: format!("a `{field}`, too") },
        Kind::UnknownVariant(_, known) => {
            let known = known.iter().map(|known| format!("`\"{known}\"`")).collect::<Vec<_>>();
            ConfigError::Invalid { key, expected: known.join(" or ") }
        }
        Kind::Message(expected) => ConfigError::Invalid { key, expected: expected.clone() },
        _ => ConfigError::Invalid { key, expected: "another value".into() },
    }
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
