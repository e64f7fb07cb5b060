//! What the request knows once a plan is carried out.

use super::After;
use crate::clock::Timestamp;
use crate::data::SessionData;
use crate::error::SessionError;
use crate::record::Meta;
use crate::state::changes::Changes;
use crate::state::edits::{Edits, Life, Live};
use crate::storage::Via;
use crate::token::Key;

impl<T: SessionData> Edits<T> {
    /// Drops what is not written.
    pub(in crate::state) fn discard(&mut self) {
        self.changes = Changes::default();
        if matches!(self.life, Life::Begun { .. }) {
            self.life = Life::Ended;
        }
    }

    /// Shows what is stored to whoever looks from now on, after a failure: of a session that is gone, nothing.
    pub(in crate::state) fn retract(&mut self) {
        let lost = matches!(self.closed.as_deref(), Some(SessionError::Gone | SessionError::Moved));
        match &self.live {
            Some(live) if !lost && self.life != Life::Ended => {
                self.data = Some(live.base.clone());
                self.life = Life::Live;
            }
            _ => self.life = Life::Ended,
        }
    }

    /// Takes note that a step was carried out under this key, and of other metadata than the session had.
    pub(in crate::state) fn settle(
        &mut self,
        after: After<T>,
        meta: Option<Meta>,
        (key, via): (Key, Via),
        at: Timestamp,
    ) {
        let After { begun, data, foreign, size } = after;
        if self.life == Life::Ended {
            // It was ended while it was written: what was written must go, too.
            self.must_end(key);
        } else {
            self.ending = None;
            self.removal = false;
            // Another one that was begun meanwhile takes its place.
            if self.begun == begun {
                self.life = Life::Live;
                self.drawn = None;
            }
        }
        self.other = None;
        match (&mut self.live, meta) {
            (Some(live), meta) => {
                if live.key != key {
                    (live.key, live.at) = (key, at);
                }
                if let Some(meta) = meta {
                    live.meta = meta;
                }
                (live.via, live.base, live.writing) = (via, data, None);
                (live.foreign, live.size, live.due) = (foreign, size, false);
            }
            (None, Some(meta)) => {
                self.live = Some(Live { key, via, at, meta, base: data, writing: None, foreign, size, due: false });
            }
            (None, None) => {}
        }
    }
}
