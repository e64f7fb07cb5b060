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
use crate::record::{Client, Fields, Meta, Record};
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

pub(super) fn time(time: Timestamp) -> Param {
    Param::Int(int(time.as_millis()))
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

impl Stored {
    /// Returns the session of a row; [`None`] if an outer join found none.
    pub(super) fn read<D: Dialect>(row: &Row<D>) -> Result<Option<Self>, Error> {
        let Some(id) = D::int(row, 0)? else { return Ok(None) };
        let fields = fields::<D>(row, 16)?;
        Ok(Some(Self { id, record: Record::new(meta::<D>(row)?, fields) }))
    }
}

/// Returns the session of a row, without its data if that can not be read.
pub(super) fn readable<D: Dialect>(row: &Row<D>) -> Result<Record, Error> {
    Ok(Record::new(meta::<D>(row)?, fields::<D>(row, 16).unwrap_or_default()))
}

fn fields<D: Dialect>(row: &Row<D>, column: usize) -> Result<Fields, Error> {
    D::CODEC.decode(required(D::text(row, column)?)?).map_err(invalid)
}

fn meta<D: Dialect>(row: &Row<D>) -> Result<Meta, Error> {
    let number = |column| Ok::<_, Error>(u64::try_from(required(D::int(row, column)?)?).unwrap_or_default());
    let time = |column| Ok::<_, Error>(Timestamp::from_millis(number(column)?));
    let tag = Tag::from_bytes(bytes::<D, 16>(row, 1)?);
    Ok(Meta {
        handle: handle(tag, bytes::<D, 16>(row, 2)?),
        version: number(3)?,
        identified: D::flag(row, 4)?,
        newborn: D::flag(row, 5)?,
        rotation_due: D::flag(row, 6)?,
        created_at: time(7)?,
        seen_at: time(8)?,
        authenticated_at: time(9)?,
        renewed_at: time(10)?,
        expires_at: time(11)?,
        deadline: time(12)?,
        ttl: D::int(row, 13)?.map(|ttl| Duration::from_millis(u64::try_from(ttl).unwrap_or_default())),
        client: client(D::text(row, 14)?, D::text(row, 15)?),
    })
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
