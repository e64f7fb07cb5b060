//! What is known of a request's session.

use std::mem;
use std::sync::Arc;

use super::edits::Edits;
use crate::clock::Timestamp;
use crate::data::{Foreign, SessionData};
use crate::record::{Record, View};
use crate::storage::Via;
use crate::token::Key;

/// What is known of a request's session: what was found, until somebody asks for the edits, which begin with it. Most
/// requests only look at the data.
pub(super) struct Known<T> {
    found: Found<T>,
    edits: Option<Box<Edits<T>>>,
}

/// What a request found when it looked for its session.
enum Found<T> {
    /// None; this is the data without one, unless one is required.
    Nothing(Option<Arc<T>>),
    /// One that lives.
    Session(Stored<T>),
}

/// A living session, as the storage has it.
pub(super) struct Stored<T> {
    pub(super) key: Key,
    pub(super) via: Via,
    /// When it was found by this key.
    pub(super) at: Timestamp,
    /// Whether it is to be written whatever the request does.
    pub(super) due: bool,
    pub(super) record: Arc<Record>,
    pub(super) value: Arc<T>,
    pub(super) foreign: Foreign,
    pub(super) size: usize,
}

impl<T> Stored<T> {
    pub(super) fn new((key, via): (Key, Via), at: Timestamp, due: bool, record: Arc<Record>, view: View<T>) -> Self {
        let View { value, foreign, size, .. } = view;
        Self { key, via, at, due, record, value, foreign, size }
    }
}

impl<T: SessionData> Known<T> {
    /// Returns what is known before the storage is asked: the data without a session, if there is none.
    pub(super) fn new(data: Option<Arc<T>>) -> Self {
        Self { found: Found::Nothing(data), edits: None }
    }

    /// Takes note of the session that the storage has.
    pub(super) fn found(&mut self, session: Stored<T>) {
        match &mut self.edits {
            Some(edits) => edits.found(session),
            None => self.found = Found::Session(session),
        }
    }

    /// Returns what the request does to its session.
    pub(super) fn edits(&mut self) -> &mut Edits<T> {
        self.edits.get_or_insert_with(|| Box::new(Edits::of(&mut self.found)))
    }

    /// Returns what the request did to its session, if anybody asked.
    pub(super) fn made_edits(&mut self) -> Option<&mut Edits<T>> {
        self.edits.as_deref_mut()
    }

    /// Returns the data as handles see it, with or without a session; after its end, as without one.
    pub(super) fn seen_data(&self) -> Option<Arc<T>> {
        match (&self.edits, &self.found) {
            (Some(edits), _) => edits.seen_data(),
            (None, Found::Session(session)) => Some(session.value.clone()),
            (None, Found::Nothing(data)) => data.clone(),
        }
    }

    /// Returns the data, if it can be edited.
    pub(super) fn editable_data(&self) -> Option<Arc<T>> {
        match &self.edits {
            Some(edits) => edits.editable_data(),
            None => self.seen_data(),
        }
    }

    /// Returns when the client last proved who it is, if there is a session.
    pub(super) fn authenticated_at(&self) -> Option<Timestamp> {
        match (&self.edits, &self.found) {
            (Some(edits), _) => edits.authenticated_at(),
            (None, Found::Session(session)) => Some(session.record.meta.authenticated_at),
            (None, Found::Nothing(_)) => None,
        }
    }

    /// Returns whether nothing must be written, and the response brings no cookie.
    pub(super) fn is_settled(&self) -> bool {
        match (&self.edits, &self.found) {
            (Some(edits), _) => edits.are_settled(),
            (None, Found::Session(session)) => !session.due,
            (None, Found::Nothing(_)) => true,
        }
    }
}

impl<T: SessionData> Edits<T> {
    /// Returns what begins with what was found.
    fn of(found: &mut Found<T>) -> Self {
        match mem::replace(found, Found::Nothing(None)) {
            Found::Nothing(data) => Self::new(data),
            Found::Session(session) => Self::with(session),
        }
    }
}
