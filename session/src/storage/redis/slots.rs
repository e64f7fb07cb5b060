//! Giving a session a new key in another slot of a Cluster, in two steps.

use std::sync::Arc;
use std::time::Duration;

use rocket::tokio::runtime::Handle as Runtime;
use rocket::tokio::time::sleep;

use super::call::Call;
use super::load::Found;
use super::names::name;
use super::pack::Pack;
use super::{Inner, script};
use crate::clock::Now;
use crate::error::StorageError;
use crate::record::{Meta, Patch, Record};
use crate::storage::{Commit, Created, Via};
use crate::token::{Handle, Key};

/// How often a session that others write to is copied anew before its rotation is given up.
const COPIES: usize = 32;

/// How often, and after what time each, a new session that came to nothing is deleted in the background.
const DELETIONS: (usize, Duration) = (60, Duration::from_millis(500));

/// What became of the old session.
enum Departed {
    Done,
    Changed,
    Gone,
    /// With the key that an end follows the marker to.
    Moved(Option<Key>),
}

/// What became of a new session that was to be made anew.
enum Withdrawn {
    Done,
    /// Somebody ended it before.
    Ended,
    /// Somebody wrote to it.
    Written,
}

/// A new session that nobody has the token of yet, deleted unless the rotation takes effect.
struct Unfinished {
    inner: Arc<Inner>,
    key: Key,
    now: Now,
    kept: bool,
}

impl Unfinished {
    fn finish(mut self) {
        self.kept = true;
    }

    async fn undo(self) -> Result<(), StorageError> {
        self.inner.delete(&self.key, self.now).await?;
        self.finish();
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Ok(runtime) = Runtime::try_current() else { return };
        if self.kept {
            return;
        }
        let (inner, key, now) = (self.inner.clone(), self.key, self.now);
        runtime.spawn(async move {
            let mut is_missing = false;
            for _ in 0..DELETIONS.0 {
                match inner.delete(&key, now).await {
                    Ok(false) if !is_missing => {
                        is_missing = true;
                        // It may be about to be made: the server need not do what it is asked for in that order.
                        sleep(inner.connections.timeout).await;
                    }
                    Ok(_) => return,
                    Err(_) => sleep(DELETIONS.1).await,
                }
            }
        });
    }
}

impl Inner {
    pub(super) async fn privilege_across_slots(
        self: &Arc<Self>,
        old: &Key,
        new: &Key,
        patch: &Patch,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let mut evicted = Vec::new();
        for _ in 0..COPIES {
            let loaded = match self.find(old, now).await? {
                Found::Live { via: Via::Grace, .. } | Found::Moved => return Ok(Commit::Moved),
                Found::Live { record, .. } => record,
                Found::Absent => return Ok(Commit::Gone),
            };
            let mut copy = match patch.apply(&loaded) {
                Ok(copy) => copy,
                Err(error) => return error.into_answer(),
            };
            copy.max_per_user = patch.max_per_user;
            let (unfinished, mut ended) = self.begin(new, &copy, now).await?;
            evicted.append(&mut ended);
            match self.depart(old, Some(&loaded.meta), new, &copy, now).await? {
                Departed::Done => {
                    unfinished.finish();
                    return Ok(Commit::Committed { rotated: true, evicted });
                }
                Departed::Changed => match self.withdraw(new, copy.meta.version, now).await? {
                    Withdrawn::Done => unfinished.finish(),
                    // What was ended is not made again: it is as if the old one had become it before.
                    Withdrawn::Ended => {
                        self.depart(old, None, new, &copy, now).await?;
                        unfinished.finish();
                        return Ok(Commit::Committed { rotated: true, evicted });
                    }
                    Withdrawn::Written => {
                        return Err(StorageError::unavailable("what a session was to become was written to"));
                    }
                },
                Departed::Gone => return unfinished.undo().await.map(|()| Commit::Gone),
                Departed::Moved(_) => return unfinished.undo().await.map(|()| Commit::Moved),
            }
        }
        Err(StorageError::unavailable("a session is written to too often to be moved"))
    }

    pub(super) async fn restart_across_slots(
        self: &Arc<Self>,
        old: &Key,
        new: &Key,
        record: &Record,
        now: Now,
    ) -> Result<Commit, StorageError> {
        let (unfinished, evicted) = self.begin(new, record, now).await?;
        let mut old = *old;
        while let Departed::Moved(Some(to)) = self.depart(&old, None, new, record, now).await? {
            old = to;
        }
        unfinished.finish();
        Ok(Commit::Committed { rotated: true, evicted })
    }

    /// Makes the new session. Its cap binds now: if the old one turns out to be gone, those evicted stay so.
    async fn begin(
        self: &Arc<Self>,
        new: &Key,
        record: &Record,
        now: Now,
    ) -> Result<(Unfinished, Vec<Handle>), StorageError> {
        let unfinished = Unfinished { inner: self.clone(), key: *new, now, kept: false };
        match self.create(new, record, now).await? {
            Created::Created { evicted } => Ok((unfinished, evicted)),
            Created::Taken => {
                unfinished.finish();
                Err(StorageError::Unsupported("a rotation takes an unused key"))
            }
        }
    }

    /// Takes back a new session that nobody has done anything with, by its handle.
    async fn withdraw(&self, new: &Key, version: u64, now: Now) -> Result<Withdrawn, StorageError> {
        let args = Pack::of([&version.to_string()]);
        let call = Call { script: &script::DELETE, tag: new.tag(), keys: self.keys_of_ended(new), args, now };
        let answer = self.call(call).await?;
        match answer.word.as_str() {
            "done" => Ok(Withdrawn::Done),
            "gone" => Ok(Withdrawn::Ended),
            "changed" | "moved" => Ok(Withdrawn::Written),
            _ => Err(answer.unexpected()),
        }
    }

    /// Ends the old session, if it is as it was copied still, and not left by the key for another.
    async fn depart(
        &self,
        old: &Key,
        copied: Option<&Meta>,
        new: &Key,
        copy: &Record,
        now: Now,
    ) -> Result<Departed, StorageError> {
        let copied = copied.map_or_else(String::new, |meta| {
            format!("{} {} {}", meta.version, meta.seen_at.as_millis(), meta.expires_at.as_millis())
        });
        let owned = copy.meta.identified.to_string();
        let mut args = Pack::of([&copied]);
        self.names.of(new.tag()).push_session(&mut args, &name(new));
        args.push(&owned);
        let call = Call { script: &script::DEPART, tag: old.tag(), keys: self.keys_of_ended(old), args, now };
        let answer = self.call(call).await?;
        Ok(match answer.word.as_str() {
            "done" => Departed::Done,
            "changed" => Departed::Changed,
            "gone" => Departed::Gone,
            "moved" => Departed::Moved(self.marker(&answer).and_then(|(to, followed)| followed.then_some(to))),
            _ => return Err(answer.unexpected()),
        })
    }
}
