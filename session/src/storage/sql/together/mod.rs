//! What waits for a connection to a file, carried out together.
//!
//! Whatever is asked of a file is handed over to the thread of a connection and back, which costs more than most
//! answers. What comes while all are on their way waits, and shares the next.

mod loads;
mod updates;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

pub(super) use self::loads::Load;
use super::connections::Connections;
use super::dialect::Dialect;
use super::update::Update;
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::Record;
use crate::storage::together::Line;
use crate::token::Key;

/// How many groups of loads may be on their way on however few processors.
const FEW: usize = 4;

/// The loads and updates of a file.
pub(super) struct Together<D: Dialect> {
    loads: Arc<Line<Connections<D>, Load>>,
    updates: Arc<Line<Connections<D>, Update>>,
}

impl<D: Dialect> Together<D> {
    pub(super) fn new(connections: &Arc<Connections<D>>) -> Self {
        // What is read is in memory, mostly: more threads than processors are no help. A few may wait for the disk.
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        let readers = connections.readers().min(processors.max(FEW));
        Self {
            loads: Line::new(connections.clone(), readers, |_, _| true),
            updates: Line::new(connections.clone(), 1, |one, other| one.text == other.text),
        }
    }

    /// Returns the session that a key is the current one of.
    pub(super) async fn load(&self, key: Key, now: Now) -> Result<Option<Arc<Record>>, StorageError> {
        self.loads.carry_out(Load { key, now }).await
    }

    /// Changes a session. Returns whether it was found.
    pub(super) async fn update(&self, update: Update) -> Result<bool, StorageError> {
        self.updates.carry_out(update).await
    }
}
