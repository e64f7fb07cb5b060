//! A session as the fields of a hash: `@…` for what is known of it, `name` for a field, `name/key` for an entry. A field
//! of entries has the text `{}`, so that it is there without any, too.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::error::unintelligible;
use super::pack::Pack;
use super::write::max;
use crate::clock::{Now, Timestamp};
use crate::error::StorageError;
use crate::record::{Client, FieldText, Fields, Meta, Packed, Record};

/// The text of a field whose entries are fields of their own.
pub(super) const PRESENT: &str = "{}";

/// How long the server keeps what expired.
const KEPT: Duration = Duration::from_mins(5);

/// How long the server keeps anything: a hundred years.
const LONGEST: Duration = Duration::from_hours(24 * 36_525);

/// Returns how long the server keeps what expires then, in milliseconds.
pub(super) fn ttl(expires_at: Timestamp, now: Now) -> u128 {
    expires_at.since(now).saturating_add(KEPT).min(LONGEST).as_millis()
}

/// Returns a new session as what it is created with: whether it has an owner, the most sessions of that, its time to
/// live, and its fields, counted.
pub(super) fn encode(record: &Record, now: Now) -> Result<Pack, StorageError> {
    let mut pairs = Pack::default();
    push_meta(&mut pairs, &record.meta);
    for (name, text) in record.fields()?.iter() {
        push_field(&mut pairs, name, text)?;
    }
    let owner = record.max_per_user.filter(|_| record.meta.identified);
    let mut args = Pack::of([&record.meta.identified.to_string(), &max(owner)]);
    args.push_number(ttl(record.meta.expires_at, now));
    args.append_counted(&pairs);
    Ok(args)
}

/// Adds how many texts the fields of a field are, and these.
pub(super) fn push_counted(pairs: &mut Pack, name: &str, text: &FieldText) -> Result<(), StorageError> {
    let entries = match text {
        FieldText::Json(_) => 0,
        FieldText::Entries(entries) => entries.len(),
    };
    pairs.push_number(2 * (entries + 1));
    push_field(pairs, name, text)
}

/// Adds the fields of a field.
fn push_field(pairs: &mut Pack, name: &str, text: &FieldText) -> Result<(), StorageError> {
    let name = named(name)?;
    match text {
        FieldText::Json(json) => pairs.push_pair(name, json),
        FieldText::Entries(entries) => {
            pairs.push_pair(name, PRESENT);
            for (key, json) in entries {
                pairs.push_pair(&entry(name, key), json);
            }
        }
    }
    Ok(())
}

/// Returns the name of an entry's field.
pub(super) fn entry(name: &str, key: &str) -> String {
    format!("{name}/{key}")
}

/// Returns the name of a field, if it can be one.
pub(super) fn named(name: &str) -> Result<&str, StorageError> {
    if name.starts_with('@') || name.contains('/') {
        return Err(StorageError::Unsupported("the name of a field has no `/` and does not begin with `@`"));
    }
    Ok(name)
}

pub(super) fn push_client(pairs: &mut Pack, client: &Client) {
    pairs.push("@client");
    pairs.push_shown(json!({ "ip": client.ip, "agent": client.agent }));
}

pub(super) fn push_time(pairs: &mut Pack, name: &str, time: Timestamp) {
    pairs.push(name);
    pairs.push_number(time.as_millis());
}

/// Adds a lifetime, no longer than what a time after it has room for.
pub(super) fn push_lifetime(pairs: &mut Pack, ttl: Duration) {
    pairs.push("@ttl");
    pairs.push_number(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
}

pub(super) fn push_flag(pairs: &mut Pack, name: &str, flag: bool) {
    pairs.push_pair(name, if flag { "true" } else { "false" });
}

fn push_meta(pairs: &mut Pack, meta: &Meta) {
    pairs.push("@handle");
    pairs.push_shown(meta.handle);
    pairs.push("@version");
    pairs.push_number(meta.version);
    push_flag(pairs, "@identified", meta.identified);
    push_flag(pairs, "@newborn", meta.newborn);
    push_flag(pairs, "@rotation_due", meta.rotation_due);
    push_time(pairs, "@created_at", meta.created_at);
    push_time(pairs, "@seen_at", meta.seen_at);
    push_time(pairs, "@authenticated_at", meta.authenticated_at);
    push_time(pairs, "@renewed_at", meta.renewed_at);
    push_time(pairs, "@expires_at", meta.expires_at);
    push_time(pairs, "@deadline", meta.deadline);
    if let Some(ttl) = meta.ttl {
        push_lifetime(pairs, ttl);
    }
    if let Some(client) = &meta.client {
        push_client(pairs, client);
    }
}

/// Returns the session of what `HGETALL` answers.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn read(texts: Vec<&[u8]>) -> Result<Record, StorageError> {
    Hash::of(texts)?.record()
}

/// What a key holds: the fields of a hash, each a name and a text.
#[derive(Debug)]
pub(super) struct Hash<'h>(Vec<&'h [u8]>);

impl<'h> Hash<'h> {
    /// Returns the hash of what `HGETALL` answers.
    pub(super) fn of(texts: Vec<&'h [u8]>) -> Result<Self, StorageError> {
        if texts.len().is_multiple_of(2) { Ok(Self(texts)) } else { Err(unintelligible("a name without a text")) }
    }

    fn pairs(&self) -> &[[&'h [u8]; 2]] {
        self.0.as_chunks().0
    }

    /// Returns the fields that are the application's.
    fn fields(&self) -> impl Iterator<Item = [&'h [u8]; 2]> + Clone {
        self.pairs().iter().copied().filter(|[name, _]| !name.starts_with(b"@"))
    }

    /// Whether there is a session that has not expired.
    pub(super) fn lives(&self, now: Now) -> bool {
        self.time("@expires_at").is_some_and(|end| end > now)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'h [u8]> {
        self.pairs().iter().find(|[known, _]| *known == name.as_bytes()).map(|[_, text]| *text)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'h str> {
        str::from_utf8(self.get(name)?).ok()
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().map(Timestamp::from_millis).ok()
    }

    /// Returns the session that this is.
    pub(super) fn record(&self) -> Result<Record, StorageError> {
        self.with_meta(self.meta()?).ok_or_else(|| unintelligible("a field that is no text"))
    }

    /// Returns the session that this is, without its data if that can not be read.
    pub(super) fn readable(&self) -> Result<Record, StorageError> {
        let meta = self.meta()?;
        Ok(self.with_meta(meta.clone()).unwrap_or_else(|| Record::new(meta, Fields::new())))
    }

    fn meta(&self) -> Result<Meta, StorageError> {
        let meta = Known::of(self).meta();
        meta.ok_or_else(|| unintelligible("a session without what is known of every session"))
    }

    fn with_meta(&self, meta: Meta) -> Option<Record> {
        let is_whole = |[name, text]: [&[u8]; 2]| text != PRESENT.as_bytes() && !name.contains(&b'/');
        if self.fields().all(is_whole) {
            Packed::of_bytes(self.fields()).map(|packed| Record::of_packed(meta, packed))
        } else {
            self.with_entries().map(|fields| Record::new(meta, fields))
        }
    }

    fn with_entries(&self) -> Option<Fields> {
        let entries = || FieldText::Entries(BTreeMap::new());
        let mut fields = Fields::new();
        for [name, text] in self.fields() {
            let (name, text) = (str::from_utf8(name).ok()?, str::from_utf8(text).ok()?);
            if let Some((name, key)) = name.split_once('/') {
                match fields.entry(name.to_owned()).or_insert_with(entries) {
                    FieldText::Entries(entries) => drop(entries.insert(key.to_owned(), text.to_owned())),
                    FieldText::Json(_) => {}
                }
            } else if text == PRESENT {
                fields.entry(name.to_owned()).or_insert_with(entries);
            } else {
                fields.insert(name.to_owned(), FieldText::Json(text.to_owned()));
            }
        }
        Some(fields)
    }
}

/// What is known of a session, read in the order in which it was written: a server keeps a small hash in that.
struct Known<'k, 'h> {
    hash: &'k Hash<'h>,
    /// Which pair is the next in order.
    next: usize,
}

impl<'k, 'h> Known<'k, 'h> {
    fn of(hash: &'k Hash<'h>) -> Self {
        Self { hash, next: 0 }
    }

    fn text(&mut self, name: &str) -> Option<&'h str> {
        match self.hash.pairs().get(self.next) {
            Some([known, text]) if *known == name.as_bytes() => {
                self.next += 1;
                str::from_utf8(text).ok()
            }
            _ => self.hash.text(name),
        }
    }

    fn parse<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.parse(name).map(Timestamp::from_millis)
    }

    fn meta(&mut self) -> Option<Meta> {
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
            client: self.text("@client").and_then(client_of).map(Arc::new),
        })
    }
}

fn client_of(json: &str) -> Option<Client> {
    let client: serde_json::Value = serde_json::from_str(json).ok()?;
    let text = |name| client.get(name).and_then(serde_json::Value::as_str);
    Some(Client { ip: text("ip").and_then(|ip| ip.parse().ok()), agent: text("agent").map(str::to_owned) })
}
