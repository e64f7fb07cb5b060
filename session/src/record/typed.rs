//! Fields as the value of a struct.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use super::Fields;
use crate::data::{Decoder, Foreign, SessionData, Unread};
use crate::error::EncodeError;

/// The typed value of a record, with its type forgotten.
pub(super) trait TypedData: Any + Send + Sync {
    /// Returns the value's fields as texts, with those that the struct does not have.
    fn fields(&self) -> Result<Fields, EncodeError>;

    /// Returns the length of the fields' names and texts, in bytes.
    fn size(&self) -> usize;
}

impl dyn TypedData {
    pub(super) fn downcast<T: SessionData>(&self) -> Option<&Typed<T>> {
        (self as &dyn Any).downcast_ref()
    }
}

/// The value of a record.
pub(crate) struct Typed<T> {
    pub(super) value: Arc<T>,
    pub(super) stored: Option<Arc<Stored>>,
    /// The size, once it was asked for.
    pub(super) size: OnceLock<u32>,
}

/// How the stored fields differ from what the struct would store.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// The fields that are stored otherwise or not at all.
    pub(super) foreign: Foreign,
    /// The fields that the struct does not have.
    pub(super) unknown: Fields,
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

impl<T: SessionData> Typed<T> {
    pub(super) fn new(value: Arc<T>) -> Self {
        Self { value, stored: None, size: OnceLock::new() }
    }

    pub(super) fn decode(fields: &Fields, size: usize) -> Result<(Self, View<T>), Unreadable> {
        let mut decoder = Decoder::new(fields);
        let value = T::decode(&mut decoder).map(Arc::new);
        let unread = decoder.take_unread();
        let Some(value) = value else {
            return Err(Unreadable::Decode(unread));
        };
        let stored = Stored { foreign: decoder.foreign(), unknown: decoder.unknown() };
        let plain = stored.foreign.is_none() && stored.unknown.is_empty();
        let typed = Self { value, stored: (!plain).then(|| Arc::new(stored)), size: measured(size) };
        let view = View { unread, ..typed.view() };
        Ok((typed, view))
    }

    pub(super) fn view(&self) -> View<T> {
        View { value: self.value.clone(), foreign: self.foreign(), size: self.size(), unread: Vec::new() }
    }

    fn foreign(&self) -> Foreign {
        self.stored.as_ref().map(|stored| stored.foreign).unwrap_or_default()
    }

    fn measure(&self) -> usize {
        let unknown = self.stored.iter().flat_map(|stored| &stored.unknown);
        let unknown: usize = unknown.map(|(name, text)| name.len() + text.len()).sum();
        T::FIELDS.iter().map(|field| field.size(&self.value)).sum::<usize>() + unknown
    }
}

fn measured(size: usize) -> OnceLock<u32> {
    OnceLock::from(u32::try_from(size).unwrap_or(u32::MAX))
}

impl<T: SessionData> TypedData for Typed<T> {
    fn fields(&self) -> Result<Fields, EncodeError> {
        let mut fields = self.stored.as_ref().map(|stored| stored.unknown.clone()).unwrap_or_default();
        for field in T::FIELDS {
            fields.insert(field.name().to_owned(), field.encode(&self.value)?);
        }
        Ok(fields)
    }

    fn size(&self) -> usize {
        *self.size.get_or_init(|| u32::try_from(self.measure()).unwrap_or(u32::MAX)) as usize
    }
}
