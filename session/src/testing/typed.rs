//! Records and patches of typed values, as an application's requests make them.

use std::sync::Arc;

use crate::data::SessionData;
use crate::record::{Change, Meta, MetaPatch, Patch, Record};

/// Returns a record of a value, as the first request of a session makes it.
pub fn record_of<T: SessionData>(meta: Meta, value: T) -> Record {
    Record::of(meta, Arc::new(value))
}

/// Returns a record's value, or [`None`] if its fields are no `T`.
pub fn value_of<T: SessionData>(record: &Record) -> Option<Arc<T>> {
    record.view::<T>(usize::MAX).ok().map(|view| view.value)
}

/// Returns the patch of a request that loaded `record` and edited its value: fields that merge by addition are added
/// to, maps and sets are changed entry by entry, but for the fields named in `absolute`, which are set.
///
/// [`None`] if the record's fields are no `T`, or the edited value can not be stored.
pub fn patch_of<T: SessionData>(
    meta: MetaPatch,
    record: &Record,
    absolute: &[&str],
    edit: impl FnOnce(&mut T),
) -> Option<Patch> {
    let view = record.view::<T>(usize::MAX).ok()?;
    let mut now = T::clone(&view.value);
    edit(&mut now);
    let mut change = Change::between(view.value, Arc::new(now), view.foreign).ok()?;
    if let Some(change) = &mut change {
        let named = T::FIELDS.iter().enumerate().filter(|(_, field)| absolute.contains(&field.name()));
        change.absolute = named.fold(0, |bits, (index, _)| bits | (1 << index));
    }
    let mut patch = change.map_or_else(Patch::default, Patch::of);
    patch.meta = meta;
    Some(patch)
}
