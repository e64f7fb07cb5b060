//! Telling of what is stored and can not be read, once.

use std::collections::HashSet;

use parking_lot::Mutex;

use crate::core::Core;
use crate::data::Unread;
use crate::event::EventKind;
use crate::record::Unreadable;
use crate::token::Handle;

/// What was reported once and need not be again; forgets when it has grown.
#[derive(Debug, Default)]
pub(crate) struct Reported(Mutex<HashSet<(Handle, &'static str)>>);

impl Reported {
    const MOST: usize = 1024;

    fn is_new(&self, handle: Handle, field: &'static str) -> bool {
        let mut reported = self.0.lock();
        if reported.len() >= Self::MOST {
            reported.clear();
        }
        reported.insert((handle, field))
    }
}

impl Core {
    pub(crate) fn report_unread(&self, handle: Handle, unread: &[Unread]) {
        for Unread { field, reason } in unread {
            if self.reported.is_new(handle, field) {
                log::warn!("session {handle} of `{}`: the field `{field}` can not be read: {reason}", self.name);
                self.tell(EventKind::Undecodable { field, reason: reason.clone() }, Some(handle), None, None);
            }
        }
    }

    pub(crate) fn report_unreadable(&self, handle: Handle, unreadable: Unreadable) {
        match unreadable {
            Unreadable::Decode(unread) => self.report_unread(handle, &unread),
            Unreadable::TooLarge { size, limit } => {
                let reason = format!("the session has {size} bytes, more than {limit}");
                self.report_unread(handle, &[Unread { field: "", reason }]);
            }
            Unreadable::Misplaced => {
                let reason = "its identifier is not the one that it was stored for".into();
                self.report_unread(handle, &[Unread { field: "", reason }]);
            }
            Unreadable::Encode(error) => {
                let unread = Unread { field: error.field(), reason: error.to_string() };
                self.report_unread(handle, &[unread]);
            }
        }
    }
}
