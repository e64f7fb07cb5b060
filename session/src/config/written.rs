//! Where a configuration was written, and what of it nobody wrote.

use std::sync::Arc;
use std::time::Duration;

use rocket::figment::value::{Dict, Value};

use super::policy::Policy;
use super::{Config, SHARED};

/// Where the values of a configuration were written.
#[derive(Clone)]
pub(super) struct Written {
    /// [`None`] if that is in code.
    tables: Option<Arc<Tables>>,
    /// What `idle` is unless somebody wrote it.
    pub(super) idle: Option<Duration>,
    /// What `newborn` is unless somebody wrote it.
    pub(super) newborn: Option<Duration>,
}

/// The tables of a session type, as profiles and policies left them.
pub(super) struct Tables {
    pub(super) name: String,
    pub(super) own: Dict,
    pub(super) shared: Dict,
}

impl Written {
    /// Returns what is known of a configuration that code makes from the lifetimes of a policy.
    pub(super) fn in_code(policy: Policy, newborn: Duration) -> Self {
        Self { tables: None, idle: Some(policy.idle), newborn: Some(newborn) }
    }

    /// Returns what is known of the configuration that was read from tables.
    pub(super) fn in_tables(tables: Tables, read: &Config) -> Self {
        let unwritten = |key: &str, value: Duration| (!tables.find(key).is_some_and(is_written)).then_some(value);
        let (idle, newborn) = (unwritten("idle", read.idle), unwritten("newborn", read.newborn));
        Self { tables: Some(Arc::new(tables)), idle, newborn }
    }

    /// Returns the same values, as code took them over.
    pub(super) fn taken_over(self) -> Self {
        Self { tables: None, ..self }
    }

    /// Returns a key with the table that it was written in.
    pub(super) fn key(&self, path: &str) -> String {
        match &self.tables {
            Some(tables) => tables.key(path),
            None => format!("Config::{path}"),
        }
    }

    /// Names a value, in the middle of a sentence, by the place that it comes from.
    pub(super) fn value(&self, key: &str) -> String {
        match self.tables.as_ref().map(|tables| (tables, tables.find(key))) {
            Some((_, None)) => format!("`{key}`"),
            Some((tables, Some(value))) if !is_written(value) => format!("the `{key}` of `{}.policy`", tables.of(key)),
            _ => format!("`{}`", self.key(key)),
        }
    }

    /// Returns the key to write in a type's own table, if what `key` contradicts is there and `key` is not.
    pub(super) fn instead(&self, key: &str, than: &str) -> Option<String> {
        let tables = self.tables.as_ref()?;
        (tables.of(key) != tables.of(than) && tables.own.contains_key(than)).then(|| format!("{}.{key}", tables.name))
    }
}

impl Tables {
    /// Returns a key with its table.
    pub(super) fn key(&self, path: &str) -> String {
        format!("{}.{path}", self.of(path))
    }

    /// Returns the name of the table that a key is in, or should be written in.
    fn of(&self, path: &str) -> &str {
        if holds(&self.shared, path) && !holds(&self.own, path) { SHARED } else { &self.name }
    }

    fn find(&self, key: &str) -> Option<&Value> {
        self.own.get(key).or_else(|| self.shared.get(key))
    }
}

fn holds(table: &Dict, path: &str) -> bool {
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (table.get(key), rest) {
        (Some(Value::Dict(_, inner)), Some(rest)) => holds(inner, rest),
        (found, _) => found.is_some(),
    }
}

/// Returns whether a value is somebody's, rather than what a policy stands for.
fn is_written(value: &Value) -> bool {
    !value.tag().is_default()
}
