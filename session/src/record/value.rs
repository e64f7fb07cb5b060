//! Fields as the value of a struct.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Fields, Texts};
use crate::data::{Decoder, Foreign, SessionData, Unread};
use crate::error::EncodeError;

/// A session's data, with its type forgotten.
pub(super) trait AnyData: Any + Send + Sync {
    /// Returns the fields as texts, into `fields`.
    fn encode(&self, fields: &mut Fields) -> Result<(), EncodeError>;

    /// Returns the length of the fields' names and texts, in bytes.
    fn measure(&self) -> usize;

    /// Returns what is read where these texts replace those of some fields; nothing if that must be read anew.
    #[cfg(feature = "redis")]
    fn with_texts(&self, texts: &[(&str, &str)]) -> Option<Arc<dyn AnyData>>;
}

impl<T: SessionData> AnyData for T {
    fn encode(&self, fields: &mut Fields) -> Result<(), EncodeError> {
        for field in T::FIELDS {
            fields.insert(field.name().to_owned(), field.encode(self)?);
        }
        Ok(())
    }

    fn measure(&self) -> usize {
        T::FIELDS.iter().map(|field| field.size(self)).sum()
    }

    #[cfg(feature = "redis")]
    fn with_texts(&self, texts: &[(&str, &str)]) -> Option<Arc<dyn AnyData>> {
        let mut data = self.clone();
        for (name, json) in texts {
            let field = T::FIELDS.iter().find(|field| field.name() == *name)?;
            // Whether it belongs to whom its record does was found out for this identifier, which rotates.
            if field.rotates() || !field.read(&mut data, json) {
                return None;
            }
        }
        Some(Arc::new(data))
    }
}

/// The value of a record.
pub(super) struct Value {
    data: Arc<dyn AnyData>,
    pub(super) stored: Option<Arc<Stored>>,
    /// The length of the fields' names and texts, in bytes; zero until it was asked for.
    size: AtomicU32,
}

/// How the stored fields differ from what the struct would store.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// The fields that are stored otherwise or not at all.
    pub(super) foreign: Foreign,
    /// The fields that the struct does not have.
    pub(super) unknown: Fields,
}

impl Stored {
    /// Returns what is left once some fields, given as bits, were written.
    pub(super) fn without(&self, written: u128) -> Self {
        Self { foreign: self.foreign.without(written), unknown: self.unknown.clone() }
    }
}

/// A record's value, as a request sees it.
pub(crate) struct View<T> {
    pub(crate) value: Arc<T>,
    /// The fields that are stored otherwise or not at all.
    pub(crate) foreign: Foreign,
    /// The length of the fields' names and texts, in bytes.
    pub(crate) size: usize,
    /// The fields that could not be read and took their default.
    pub(crate) unread: Vec<Unread>,
}

/// Why a record is not a `T`.
#[derive(Debug)]
pub(crate) enum Unreadable {
    TooLarge {
        size: usize,
        limit: usize,
    },
    Encode(EncodeError),
    Decode(Vec<Unread>),
    /// It belongs to somebody else than the record, or to nobody.
    Misplaced,
}

impl Value {
    pub(super) fn new<T: SessionData>(value: Arc<T>, stored: Option<Arc<Stored>>, size: Option<usize>) -> Self {
        Self { data: value, stored, size: AtomicU32::new(size.map_or(0, clamped)) }
    }

    /// Reads stored fields of this size.
    pub(super) fn decode<T: SessionData>(texts: Texts<'_>, size: usize) -> Result<(Self, View<T>), Unreadable> {
        let mut decoder = Decoder::new(texts);
        let value = T::decode(&mut decoder).map(Arc::new);
        let unread = decoder.take_unread();
        let Some(value) = value else {
            return Err(Unreadable::Decode(unread));
        };
        let stored = Stored { foreign: decoder.foreign(), unknown: decoder.unknown() };
        let foreign = stored.foreign;
        let plain = foreign.is_none() && stored.unknown.is_empty();
        let own = Self::new(value.clone(), (!plain).then(|| Arc::new(stored)), Some(size));
        Ok((own, View { value, foreign, size, unread }))
    }

    /// Returns the value as a request sees it, or [`None`] if it is of another type.
    pub(super) fn view<T: SessionData>(&self) -> Option<View<T>> {
        let data: Arc<dyn Any + Send + Sync> = self.data.clone();
        let value = data.downcast().ok()?;
        Some(View { value, foreign: self.foreign(), size: self.size(), unread: Vec::new() })
    }

    pub(super) fn downcast<T: SessionData>(&self) -> Option<&T> {
        let data: &dyn Any = &*self.data;
        data.downcast_ref()
    }

    /// Returns whether the fields are stored as the struct stores them.
    pub(super) fn is_plain(&self) -> bool {
        self.stored.is_none()
    }

    /// Returns what is read where these texts replace those of some fields, which are of this size together; nothing if
    /// that must be read anew.
    #[cfg(feature = "redis")]
    pub(super) fn with_texts(&self, texts: &[(&str, &str)], size: usize) -> Option<Self> {
        if !self.is_plain() {
            return None;
        }
        let data = self.data.with_texts(texts)?;
        Some(Self { data, stored: None, size: AtomicU32::new(clamped(size)) })
    }

    fn foreign(&self) -> Foreign {
        self.stored.as_ref().map(|stored| stored.foreign).unwrap_or_default()
    }

    /// Returns the fields as texts, with those that the struct does not have.
    pub(super) fn fields(&self) -> Result<Fields, EncodeError> {
        let mut fields = self.stored.as_ref().map(|stored| stored.unknown.clone()).unwrap_or_default();
        self.data.encode(&mut fields)?;
        Ok(fields)
    }

    /// Returns the length of the fields' names and texts, in bytes.
    pub(super) fn size(&self) -> usize {
        self.known_size().unwrap_or_else(|| {
            let unknown = self.stored.iter().flat_map(|stored| &stored.unknown);
            let unknown: usize = unknown.map(|(name, text)| name.len() + text.len()).sum();
            let size = clamped(self.data.measure() + unknown);
            self.size.store(size, Ordering::Relaxed);
            size as usize
        })
    }

    /// Returns the size, if it was asked for.
    pub(super) fn known_size(&self) -> Option<usize> {
        Some(self.size.load(Ordering::Relaxed)).filter(|size| *size != 0).map(|size| size as usize)
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        let size = AtomicU32::new(self.size.load(Ordering::Relaxed));
        Self { data: self.data.clone(), stored: self.stored.clone(), size }
    }
}

fn clamped(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
