//! A session as the fields of a hash: `@…` for what is known of it, `name` for a field, `name/key` for an entry. A field
//! of entries has the text `{}`, so that it is there without any, too.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use fred::bytes_utils::Str;
use fred::types::Value;
use serde_json::json;

use super::error::unintelligible;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Client, FieldText, Fields, Meta, Record};

/// The text of a field whose entries are fields of their own.
pub(super) const PRESENT: &str = "{}";

/// How long the server keeps what expired.
const KEPT: Duration = Duration::from_mins(5);

/// How long the server keeps anything: a hundred years.
const LONGEST: Duration = Duration::from_hours(24 * 36_525);

/// Returns how long the server keeps what expires then, in milliseconds.
pub(super) fn ttl(expires_at: Timestamp, now: Now) -> Value {
    expires_at.since(now).saturating_add(KEPT).min(LONGEST).as_millis().to_string().into()
}

/// Returns a new session as what it is created with: its time to live, and its fields, counted.
pub(super) fn encode(record: &Record, now: Now) -> Result<Vec<Value>, StorageError> {
    let mut pairs = meta_pairs(&record.meta);
    for (name, text) in record.fields()?.iter() {
        pairs.extend(field_pairs(name, text)?);
    }
    let mut args = vec![ttl(record.meta.expires_at, now), count(pairs.len())];
    args.append(&mut pairs);
    Ok(args)
}

/// Returns the fields of a field.
pub(super) fn field_pairs(name: &str, text: &FieldText) -> Result<Vec<Value>, StorageError> {
    let name = named(name)?;
    Ok(match text {
        FieldText::Json(json) => vec![name.into(), json.into()],
        FieldText::Entries(entries) => {
            let entries = entries.iter().flat_map(|(key, json)| [Value::from(format!("{name}/{key}")), json.into()]);
            [name.into(), PRESENT.into()].into_iter().chain(entries).collect()
        }
    })
}

/// Returns the name of a field, if it can be one.
pub(super) fn named(name: &str) -> Result<&str, StorageError> {
    if name.starts_with('@') || name.contains('/') {
        return Err(StorageError::Unsupported("the name of a field has no `/` and does not begin with `@`"));
    }
    Ok(name)
}

pub(super) fn count(n: usize) -> Value {
    n.to_string().into()
}

pub(super) fn millis(time: Timestamp) -> Value {
    time.as_millis().to_string().into()
}

pub(super) fn client_json(client: &Client) -> Value {
    json!({ "ip": client.ip, "agent": client.agent }).to_string().into()
}

fn meta_pairs(meta: &Meta) -> Vec<Value> {
    let mut pairs: Vec<Value> = vec![
        "@handle".into(),
        meta.handle.to_string().into(),
        "@version".into(),
        meta.version.to_string().into(),
        "@identified".into(),
        meta.identified.to_string().into(),
        "@newborn".into(),
        meta.newborn.to_string().into(),
        "@rotation_due".into(),
        meta.rotation_due.to_string().into(),
        "@created_at".into(),
        millis(meta.created_at),
        "@seen_at".into(),
        millis(meta.seen_at),
        "@authenticated_at".into(),
        millis(meta.authenticated_at),
        "@renewed_at".into(),
        millis(meta.renewed_at),
        "@expires_at".into(),
        millis(meta.expires_at),
        "@deadline".into(),
        millis(meta.deadline),
    ];
    pairs.extend(meta.ttl.into_iter().flat_map(|ttl| ["@ttl".into(), ttl.as_millis().to_string().into()]));
    pairs.extend(meta.client.iter().flat_map(|client| ["@client".into(), client_json(client)]));
    pairs
}

/// Returns the session of an answer to `HGETALL`.
#[cfg(feature = "testing")]
pub(crate) fn read(values: Vec<Value>) -> Result<Record, StorageError> {
    Hash::new(Value::Array(values))?.record()
}

/// What a key holds: the fields of a hash.
#[derive(Debug, Default)]
pub(super) struct Hash {
    /// Those whose names begin with `@`.
    meta: Vec<(Str, Str)>,
    fields: Fields,
}

impl Hash {
    /// Returns the hash of an answer to `HGETALL`.
    pub(super) fn new(values: Value) -> Result<Self, StorageError> {
        let mut hash = Self::default();
        let mut values = values.into_array().into_iter().map(text);
        while let (Some(Some(name)), Some(Some(text))) = (values.next(), values.next()) {
            hash.insert(name, text);
        }
        if values.next().is_some() { Err(unintelligible("a hash of other things than texts")) } else { Ok(hash) }
    }

    fn insert(&mut self, name: Str, text: Str) {
        if name.starts_with('@') {
            self.meta.push((name, text));
        } else if let Some((name, key)) = name.split_once('/') {
            match self.fields.entry(name.to_owned()).or_insert_with(|| FieldText::Entries(BTreeMap::new())) {
                FieldText::Entries(entries) => drop(entries.insert(key.to_owned(), text.to_string())),
                FieldText::Json(_) => {}
            }
        } else if *text == *PRESENT {
            self.fields.entry(name.to_string()).or_insert_with(|| FieldText::Entries(BTreeMap::new()));
        } else {
            self.fields.insert(name.to_string(), FieldText::Json(text.to_string()));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.meta.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.meta.iter().find(|(known, _)| **known == *name).map(|(_, text)| &**text)
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        self.parse(name).map(Timestamp::from_millis)
    }

    fn parse<T: FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// Returns the session that this is.
    pub(super) fn record(self) -> Result<Record, StorageError> {
        let meta = self.meta().ok_or_else(|| unintelligible("a session without what is known of every session"))?;
        Ok(Record::new(meta, self.fields))
    }

    fn meta(&self) -> Option<Meta> {
        Some(Meta {
            handle: self.parse("@handle")?,
            version: self.parse("@version")?,
            identified: self.parse("@identified")?,
            newborn: self.parse("@newborn")?,
            rotation_due: self.parse("@rotation_due")?,
            created_at: self.time("@created_at")?,
            seen_at: self.time("@seen_at")?,
            authenticated_at: self.time("@authenticated_at")?,
            renewed_at: self.time("@renewed_at")?,
            expires_at: self.time("@expires_at")?,
            deadline: self.time("@deadline")?,
            ttl: self.parse("@ttl").map(Duration::from_millis),
            client: self.get("@client").and_then(client_of).map(Arc::new),
        })
    }
}

fn text(value: Value) -> Option<Str> {
    match value {
        Value::String(text) => Some(text),
        Value::Bytes(bytes) => Str::from_inner(bytes).ok(),
        _ => None,
    }
}

fn client_of(json: &str) -> Option<Client> {
    let client: serde_json::Value = serde_json::from_str(json).ok()?;
    let text = |name| client.get(name).and_then(serde_json::Value::as_str);
    Some(Client { ip: text("ip").and_then(|ip| ip.parse().ok()), agent: text("agent").map(str::to_owned) })
}
