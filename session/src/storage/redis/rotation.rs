//! Giving a session a new key in one step.

use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::names::name;
use super::pack::Pack;
use super::patch::Steps;
use super::record::encode;
use super::write::{applied, max};
use super::{Inner, script};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Patch, Record};
use crate::storage::Commit;
use crate::token::Key;

/// Milliseconds that Lua can still add to a time.
const LONGEST_GRACE: u128 = 1 << 50;

impl Inner {
    /// Returns the keys of a rotation that is one script.
    fn keys_of_both(&self, old: &Key, new: &Key) -> Pack {
        let mut keys = self.keys_of(old);
        keys.append(&self.keys_of(new));
        keys
    }

    fn is_one_step(&self, old: &Key, new: &Key) -> bool {
        self.slot(old.tag()) == self.slot(new.tag())
    }

    /// Calls a script with the steps of a patch, and looks at the session where the script can not tell their effect.
    pub(super) async fn apply(
        self: &Arc<Self>,
        key: &Key,
        patch: &Patch,
        now: Now,
        call: impl Fn(Steps) -> Call,
    ) -> Result<Commit, StorageError> {
        let mut plain = Steps::plain(patch.fields()?, &patch.meta, now)?;
        loop {
            let steps = match plain.take() {
                Some(steps) => steps,
                None => match Box::pin(self.look(key, patch, now)).await? {
                    Ok(steps) => steps,
                    Err(answer) => return Ok(answer),
                },
            };
            let call = call(steps);
            let tag = call.tag;
            let answer = self.call(call).await?;
            if answer.word == "rotated" {
                return Ok(Commit::Committed { rotated: true, evicted: self.evicted(tag, &answer) });
            }
            if let Some(answer) = applied(&answer)? {
                return Ok(answer);
            }
        }
    }

    pub(super) async fn privilege(
        self: &Arc<Self>,
        old: &Key,
        new: &Key,
        patch: &Patch,
        now: Now,
    ) -> Result<Commit, StorageError> {
        if patch.meta.handle.map_or(old.tag(), |handle| handle.tag()) != new.tag() {
            return Err(StorageError::Unsupported("a session's key and handle bear the same tag"));
        }
        if !self.is_one_step(old, new) {
            return Box::pin(self.privilege_across_slots(old, new, patch, now)).await;
        }
        let call = |steps: Steps| {
            let args = steps.after(&max(patch.max_per_user));
            Call { script: &script::PRIVILEGE, tag: new.tag(), keys: self.keys_of_both(old, new), args, now }
        };
        self.apply(old, patch, now, call).await
    }

    pub(super) async fn renew(
        self: &Arc<Self>,
        old: &Key,
        new: &Key,
        patch: &Patch,
        grace: Duration,
        now: Now,
    ) -> Result<Commit, StorageError> {
        if new.tag() != old.tag() || patch.meta.handle.is_some() || patch.meta.identified.is_some() {
            return Err(StorageError::Unsupported("a renewal takes an unused key of the same tag"));
        }
        let grace = grace.as_millis().min(LONGEST_GRACE).to_string();
        let call = |steps: Steps| {
            let args = steps.after(&grace);
            let mut keys = self.keys_of(old);
            self.names.of(new.tag()).push_session(&mut keys, &name(new));
            Call { script: &script::RENEW, tag: new.tag(), keys, args, now }
        };
        self.apply(old, patch, now, call).await
    }

    pub(super) async fn restart(
        self: &Arc<Self>,
        old: &Key,
        new: &Key,
        record: &Record,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let mut old = *old;
        while self.is_one_step(&old, new) {
            let (keys, args) = (self.keys_of_both(&old, new), encode(record, now)?);
            let answer = self.call(Call { script: &script::RESTART, tag: new.tag(), keys, args, now }).await?;
            match (answer.word.as_str(), self.marker(&answer)) {
                ("rotated", _) => {
                    return Ok(Commit::Committed { rotated: true, evicted: self.evicted(new.tag(), &answer) });
                }
                ("moved", Some((to, _))) => old = to,
                _ => return Err(answer.unexpected()),
            }
        }
        Box::pin(self.restart_across_slots(&old, new, record, now)).await
    }
}
