//! Carrying out what is planned: the call of the storage, and what comes of it.

use super::State;
use super::client::Peer;
use super::issue::Done;
use super::plan::{After, Kept, Plan, Stake, Step};
use super::write::{Delivery, Turn, Written};
use crate::clock::Now;
use crate::data::SessionData;
use crate::error::{SessionError, StorageError};
use crate::soon::Soon;
use crate::storage::{Commit, Via};

impl<T: SessionData> State<T> {
    /// Calls the storage. What comes of it is known at once where there is nothing to wait for.
    pub(super) fn carry_out<'s>(
        &'s self,
        turn: Turn<'s>,
        plan: Plan<T>,
        now: Now,
        peer: &'s dyn Peer,
    ) -> Soon<'s, Written> {
        let Plan { step, stake, after } = plan;
        let waiting = Waiting { state: self, peer, stake, over: false };
        let storage = self.storage();
        match step {
            Step::Commit(kept, patch) => match storage.commit_at_once(&kept.key, &patch, now) {
                Some(answer) => self.wrote(turn, waiting.end(self.committed(answer, kept, after, now, peer)), peer),
                None => Soon::Later(Box::pin(async move {
                    let answer = self.budget().wait(storage.commit(&kept.key, patch, now)).await;
                    let written = waiting.end(self.committed(answer, kept, after, now, peer));
                    self.end_after_writing(turn, written, peer).await
                })),
            },
            Step::Touch(kept, seen) => Soon::Later(Box::pin(async move {
                let lives = self.heard(self.budget().wait(storage.touch(&kept.key, seen, now)).await, peer);
                if let Ok(true) = lives {
                    self.keep(kept, after, now);
                }
                self.end_after_writing(turn, waiting.end(lives.map(drop)), peer).await
            })),
            Step::Issue(issue) => {
                self.meet(peer);
                Soon::Later(Box::pin(async move {
                    let written = waiting.end(self.issue(*issue, after, now).await);
                    self.end_after_writing(turn, written, peer).await
                }))
            }
        }
    }

    /// Takes note of what the storage answers to a commit.
    fn committed(
        &self,
        answer: Result<Commit, StorageError>,
        kept: Kept,
        after: After<T>,
        now: Now,
        peer: &dyn Peer,
    ) -> Written {
        self.heard(answer, peer).and_then(Done::of)?;
        self.keep(kept, after, now);
        Ok(())
    }

    /// Takes note of a failure, if the storage answers with one.
    fn heard<R>(&self, answer: Result<R, StorageError>, peer: &dyn Peer) -> Result<R, SessionError> {
        answer.map_err(|error| {
            self.failed(&error, peer);
            error.into()
        })
    }

    /// Takes note of what was written to a session that keeps its keys.
    fn keep(&self, kept: Kept, after: After<T>, now: Now) {
        let Kept { key, via, meta, lengthened } = kept;
        let carried = self.take_carried();
        let mut known = self.known.lock();
        let edits = known.edits();
        if edits.live.is_none() {
            // It was ended in the storage meanwhile, and keeps its key: there is nothing left to end.
            return;
        }
        // A pending key is the current one, now that it was presented.
        let stays = if via == Via::Grace { via } else { Via::Current };
        edits.settle(after, meta.map(|meta| *meta), (key, stays), now);
        let Some(live) = &edits.live else { return };
        // A key in grace is soon none.
        if via != Via::Grace {
            self.core.streams.rekey(live.meta.handle, key);
        }
        let max_age = self.max_age(&live.meta, now);
        let slides = match via {
            Via::Current => lengthened || !self.core.settings.may_be_old(&live.meta, now),
            Via::Pending => true,
            Via::Grace => false,
        };
        match (carried, &mut edits.delivery, max_age) {
            (Some(value), delivery, _) => *delivery = Delivery::Token { value, max_age },
            (None, Delivery::Token { max_age: own, .. }, _) => *own = max_age,
            (None, delivery, Some(max_age)) if slides => *delivery = Delivery::Slide { max_age },
            _ => {}
        }
    }
}

/// Waits for a write. Who stops waiting never learns what came of it.
struct Waiting<'s, T: SessionData> {
    state: &'s State<T>,
    peer: &'s dyn Peer,
    stake: Stake,
    over: bool,
}

impl<T: SessionData> Waiting<'_, T> {
    /// Takes note of what came of it.
    fn end(mut self, carried_out: Written) -> Written {
        self.over = true;
        carried_out.or_else(|error| {
            self.state.meet(self.peer);
            self.state.lose(error, self.stake)
        })
    }
}

impl<T: SessionData> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.state.meet(self.peer);
        if self.state.lose(StorageError::Timeout.into(), self.stake).is_err() {
            self.state.look(|edits| edits.abandoned = true);
        }
    }
}
