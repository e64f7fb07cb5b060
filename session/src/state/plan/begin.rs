//! Beginning a session.

use super::{After, Caller, Issue, Means, Plan, Planner, Stake};
use crate::clock::Now;
use crate::data::{Foreign, SessionData};
use crate::error::SessionError;
use crate::record::{Meta, Record};
use crate::state::changes::Changes;
use crate::state::edits::{Edits, Other};
use crate::token::Token;

impl<T: SessionData> Edits<T> {
    pub(super) fn plan_start(&mut self, by: &Planner<'_>, authenticated: bool) -> Result<Plan<T>, SessionError> {
        let (Some(handle), Some(data)) = (self.handle()?, self.data.clone()) else {
            return Err(SessionError::Missing);
        };
        if matches!(self.other, Some(Other::Moved(_))) && !authenticated {
            return Err(SessionError::Moved);
        }
        let identified = data.identity().is_some();
        if by.caller == Caller::Foreign && (authenticated || identified) {
            return Err(SessionError::CrossSite);
        }
        let deadline = by.deadline(self.changes.ttl);
        let newborn = self.is_newborn(by.config);
        let expires_at =
            if newborn { by.now.after(by.config.newborn).min(deadline) } else { by.expiry(deadline, self.changes.ttl) };
        let meta = Meta {
            identified,
            newborn,
            authenticated_at: if authenticated || identified { by.now } else { Now::default() },
            deadline,
            ttl: self.changes.ttl,
            client: by.peer.client(),
            ..Meta::new(handle, by.now, expires_at)
        };
        let mut record = Record::of(meta.clone(), data.clone());
        record.max_per_user = by.config.max_per_user.filter(|_| identified);
        let size = by.config.writable(record.size(), 0)?;
        let token = Token::random(handle.tag())?;
        let old = self
            .live
            .as_ref()
            .map(|live| live.key)
            .or(self.other.map(Other::key))
            .or(self.ending.map(|ending| ending.key));
        let means = match old {
            Some(old) => Means::Restart { old, lost: self.lost(by.now), record },
            None => Means::Create { record },
        };
        self.changes = Changes::default();
        let after = After { begun: self.begun, data, foreign: Foreign::default(), size };
        Ok(Plan { step: Issue { token, meta, means }.into(), stake: Stake::Data, after })
    }
}
