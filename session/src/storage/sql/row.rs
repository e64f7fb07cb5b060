//! A session as a row, and back.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Error;

use super::codec::Codec;
use super::dialect::{Dialect, Row};
use super::statement::Param;
use crate::clock::Timestamp;
use crate::error::StorageError;
use crate::record::{Client, Meta, Packed, Record};
use crate::token::{Handle, Key, Tag};

/// The column after those of a record.
pub(super) const NEXT: usize = 17;

/// A session that was read.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) record: Record,
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Decode(why.into())
}

pub(super) fn required<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| invalid("a column is null"))
}

/// Returns bytes of the length that they have.
pub(super) fn bytes<D: Dialect, const N: usize>(row: &Row<D>, column: usize) -> Result<[u8; N], Error> {
    required(D::bytes(row, column)?)?.try_into().map_err(|_| invalid("a column has another length"))
}

pub(super) fn key<D: Dialect>(row: &Row<D>, hash: usize, tag: usize) -> Result<Key, Error> {
    Ok(Key::new(Tag::from_bytes(bytes::<D, 16>(row, tag)?), bytes::<D, 32>(row, hash)?))
}

pub(super) fn handle(tag: Tag, own: [u8; 16]) -> Handle {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(tag.as_bytes());
    bytes[16..].copy_from_slice(&own);
    Handle::from_bytes(bytes)
}

pub(super) fn own(handle: Handle) -> Param {
    Param::Bytes(handle.to_bytes()[16..].to_vec())
}

pub(super) fn tag(tag: Tag) -> Param {
    Param::Bytes(tag.as_bytes().to_vec())
}

pub(super) fn hash(key: &Key) -> Param {
    Param::Bytes(key.hash().to_vec())
}

/// Returns a number that a database has room for.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn instant(time: Timestamp) -> i64 {
    int(time.as_millis())
}

pub(super) fn time(time: Timestamp) -> Param {
    Param::Int(instant(time))
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn ip(client: &Client) -> Param {
    Param::MaybeText(client.ip.map(|ip| ip.to_string()))
}

pub(super) fn agent(client: &Client) -> Param {
    // No header has a NUL, and PostgreSQL takes none.
    Param::MaybeText(client.agent.as_ref().map(|agent| agent.replace('\0', " ")))
}

/// The columns of a record in a row.
struct Columns<'r, D: Dialect> {
    row: &'r Row<D>,
    first: usize,
}

impl<'r, D: Dialect> Columns<'r, D> {
    fn int(&self, column: usize) -> Result<Option<i64>, Error> {
        D::int(self.row, self.first + column)
    }

    fn number(&self, column: usize) -> Result<u64, Error> {
        Ok(u64::try_from(required(self.int(column)?)?).unwrap_or_default())
    }

    fn time(&self, column: usize) -> Result<Timestamp, Error> {
        Ok(Timestamp::from_millis(self.number(column)?))
    }

    fn flag(&self, column: usize) -> Result<bool, Error> {
        D::flag(self.row, self.first + column)
    }

    fn half(&self, column: usize) -> Result<[u8; 16], Error> {
        bytes::<D, 16>(self.row, self.first + column)
    }

    fn text(&self, column: usize) -> Result<Option<&'r str>, Error> {
        D::text(self.row, self.first + column)
    }

    fn meta(&self) -> Result<Meta, Error> {
        let ttl = self.int(13)?.map(|ttl| Duration::from_millis(u64::try_from(ttl).unwrap_or_default()));
        Ok(Meta {
            handle: handle(Tag::from_bytes(self.half(1)?), self.half(2)?),
            version: self.number(3)?,
            identified: self.flag(4)?,
            newborn: self.flag(5)?,
            rotation_due: self.flag(6)?,
            created_at: self.time(7)?,
            seen_at: self.time(8)?,
            authenticated_at: self.time(9)?,
            renewed_at: self.time(10)?,
            expires_at: self.time(11)?,
            deadline: self.time(12)?,
            ttl,
            client: client(self.text(14)?, self.text(15)?),
        })
    }

    fn fields(&self) -> Result<Packed, Error> {
        D::CODEC.decode(required(self.text(16)?)?).map_err(invalid)
    }
}

impl Stored {
    /// Returns the session whose columns begin with this one; [`None`] if an outer join found none.
    pub(super) fn read<D: Dialect>(row: &Row<D>, first: usize) -> Result<Option<Self>, Error> {
        let columns = Columns::<D> { row, first };
        let Some(id) = columns.int(0)? else { return Ok(None) };
        let fields = columns.fields()?;
        Ok(Some(Self { id, record: Record::of_packed(columns.meta()?, fields) }))
    }
}

/// Returns the session of a row, without its data if that can not be read.
pub(super) fn readable<D: Dialect>(row: &Row<D>) -> Result<Record, Error> {
    let columns = Columns::<D> { row, first: 0 };
    Ok(Record::of_packed(columns.meta()?, columns.fields().unwrap_or_default()))
}

fn client(ip: Option<&str>, agent: Option<&str>) -> Option<Arc<Client>> {
    let ip: Option<IpAddr> = ip.and_then(|ip| ip.parse().ok());
    (ip.is_some() || agent.is_some()).then(|| Arc::new(Client { ip, agent: agent.map(Into::into) }))
}

/// Returns the columns of a session under a key, from `token_hash` to `data`.
pub(super) fn columns(key: &Key, record: &Record, codec: Codec) -> Result<[Param; 17], StorageError> {
    let Meta { handle, version, identified, newborn, rotation_due, ttl, .. } = record.meta;
    let client = record.meta.client.as_deref().cloned().unwrap_or_default();
    if handle.tag() != key.tag() {
        return Err(StorageError::Unsupported("a session's key and handle bear the same tag"));
    }
    Ok([
        hash(key),
        tag(key.tag()),
        own(handle),
        Param::Int(int(version)),
        Param::Flag(identified),
        Param::Flag(newborn),
        Param::Flag(rotation_due),
        time(record.meta.created_at),
        time(record.meta.seen_at),
        time(record.meta.authenticated_at),
        time(record.meta.renewed_at),
        time(record.meta.expires_at),
        time(record.meta.deadline),
        Param::MaybeInt(ttl.map(millis)),
        ip(&client),
        agent(&client),
        Param::Text(codec.encode(record.fields()?)),
    ])
}
