//! A session as the bytes that are sealed.
//!
//! Numbers have seven bits to a byte, the lowest first, with the eighth set where more follow. Texts go after their
//! length.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::EncodeError;
use crate::record::{Meta, Packed, Record};
use crate::token::Handle;

/// A session, and what its cookie says beside it.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(super) record: Arc<Record>,
    /// The epoch in which the session began.
    pub(super) epoch: u32,
}

/// The bits that say what a session is.
const IDENTIFIED: u8 = 1;
const NEWBORN: u8 = 2;
const ROTATION_DUE: u8 = 4;

impl Sealed {
    /// Returns the bytes.
    pub(crate) fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let mut writer = Writer(Vec::with_capacity(128 + self.record.size()));
        writer.number(self.epoch.into());
        writer.meta(&self.record.meta);
        for (name, text) in self.record.fields()?.iter() {
            writer.text(name);
            writer.text(&text.json());
        }
        Ok(writer.0)
    }

    /// Returns what the bytes say, if they are such.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let epoch = reader.number()?.try_into().ok()?;
        let meta = reader.meta()?;
        let mut fields = Packed::with_capacity(reader.0.len());
        while !reader.0.is_empty() {
            fields.push(reader.text()?, reader.text()?);
        }
        Some(Self { record: Arc::new(Record::of_packed(meta, fields)), epoch })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    /// Writes all but where the session is used from, which nobody is shown.
    fn meta(&mut self, meta: &Meta) {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = [(meta.identified, IDENTIFIED), (meta.newborn, NEWBORN), (meta.rotation_due, ROTATION_DUE)];
        self.0.push(flags.into_iter().map(|(set, flag)| bit(set, flag)).sum());
        self.0.extend(meta.handle.to_bytes());
        self.number(meta.version);
        let times = [meta.created_at, meta.seen_at, meta.authenticated_at, meta.renewed_at];
        for time in times.into_iter().chain([meta.expires_at, meta.deadline]) {
            self.number(time.as_millis());
        }
        let ttl = meta.ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        self.number(ttl.map_or(0, |ttl| ttl.saturating_add(1)));
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes(1)?.first()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if bits << shift >> shift != bits {
                return None;
            }
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.number().map(Timestamp::from_millis)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.number()?.try_into().ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    fn meta(&mut self) -> Option<Meta> {
        let flags = *self.bytes(1)?.first()?;
        let handle: [u8; 32] = self.bytes(32)?.try_into().ok()?;
        Some(Meta {
            handle: Handle::from_bytes(handle),
            version: self.number()?,
            identified: flags & IDENTIFIED != 0,
            newborn: flags & NEWBORN != 0,
            rotation_due: flags & ROTATION_DUE != 0,
            created_at: self.time()?,
            seen_at: self.time()?,
            authenticated_at: self.time()?,
            renewed_at: self.time()?,
            expires_at: self.time()?,
            deadline: self.time()?,
            ttl: self.number()?.checked_sub(1).map(Duration::from_millis),
            client: None,
        })
    }
}
