//! Reading what is stored, and telling of what can not be read, once.

use std::collections::HashSet;
use std::net::IpAddr;

use parking_lot::Mutex;

use crate::core::Core;
use crate::data::{SessionData, Unread};
use crate::event::EventKind;
use crate::record::{Record, Unreadable, View};
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
    /// Returns what a record holds, as far as it can be read, and tells of what can not; `ip` is the address of who asks.
    pub(crate) fn read<T: SessionData>(&self, record: &Record, ip: impl FnOnce() -> Option<IpAddr>) -> Option<View<T>> {
        let handle = record.meta.handle;
        match record.view::<T>(self.settings.readable()) {
            Ok(view) => {
                self.report(&view.unread, handle, || (view.value.identity(), ip()));
                Some(view)
            }
            Err(unreadable) => {
                self.report(&unreadable.into_unread(), handle, || (None, ip()));
                None
            }
        }
    }

    /// Tells of what was not told before; `who` returns whose session it is, and where its request comes from.
    fn report(&self, unread: &[Unread], handle: Handle, who: impl FnOnce() -> (Option<String>, Option<IpAddr>)) {
        let mut new = unread.iter().filter(|unread| self.reported.is_new(handle, unread.field)).peekable();
        if new.peek().is_none() {
            return;
        }
        let (identifier, ip) = who();
        for Unread { field, reason } in new {
            let what = if field.is_empty() { String::new() } else { format!("the field `{field}` ") };
            log::warn!("session {handle} of `{}`: {what}can not be read: {reason}", self.name);
            let kind = EventKind::Undecodable { field, reason: reason.clone() };
            self.tell(kind, Some(handle), identifier.clone(), ip);
        }
    }
}

impl Unreadable {
    /// Returns what can not be read; the session as a whole is a field without a name.
    fn into_unread(self) -> Vec<Unread> {
        let whole = |reason| vec![Unread { field: "", reason }];
        match self {
            Self::Decode(unread) => unread,
            Self::TooLarge { size, limit } => whole(format!("the session has {size} bytes, more than {limit}")),
            Self::Misplaced => whole("its identifier is not the one that it was stored for".into()),
            Self::Encode(error) => vec![Unread { field: error.field(), reason: error.to_string() }],
        }
    }
}
