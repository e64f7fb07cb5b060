//! New sessions, and new keys for those there are.

use std::num::NonZeroU32;
use std::time::Duration;

use super::dialect::{Dialect, Row};
use super::row;
use super::statement::Param;
use super::work::{Done, Held, Lead, Work, kind};
use crate::error::StorageError;
use crate::record::{Meta, Patch, Record};
use crate::storage::{Commit, Created, MOVED_FOR, Via};
use crate::token::{Handle, Key, Tag};

impl<D: Dialect> Work<'_, '_, D> {
    /// Keeps a new session: by one statement if there is no cap, and the key was never used.
    pub(super) async fn create(&mut self, key: &Key, record: &Record) -> Done<Created> {
        let max = record.max_per_user.filter(|_| record.meta.identified);
        if max.is_none() {
            return if self.insert(key, record).await? {
                Ok(Created::Created { evicted: Vec::new() })
            } else {
                self.create_again(key, record).await
            };
        }
        self.begin().await?;
        self.lock(key.tag()).await?;
        let evicted = self.evict(&record.meta.handle, max).await?;
        if !self.insert(key, record).await? {
            self.lease.rollback().await?;
            return self.create_again(key, record).await;
        }
        self.end().await?;
        Ok(Created::Created { evicted })
    }

    /// Keeps a new session under a key that was used, if nothing alive uses it any more.
    async fn create_again(&mut self, key: &Key, record: &Record) -> Done<Created> {
        let max = record.max_per_user.filter(|_| record.meta.identified);
        self.begin().await?;
        if max.is_some() {
            self.lock(key.tag()).await?;
        }
        self.vacate(key).await?;
        let evicted = self.evict(&record.meta.handle, max).await?;
        if !self.insert(key, record).await? {
            self.lease.rollback().await?;
            return Ok(Created::Taken);
        }
        self.end().await?;
        Ok(Created::Created { evicted })
    }

    /// Removes what is dead under a key.
    async fn vacate(&mut self, key: &Key) -> Done<()> {
        self.run(&self.statements.delete_dead_key, [row::hash(key)]).await?;
        self.run(&self.statements.delete_dead, [row::hash(key)]).await?;
        Ok(())
    }

    /// Inserts a session. Returns whether the key was free.
    async fn insert(&mut self, key: &Key, record: &Record) -> Done<bool> {
        let columns = row::columns(key, record, D::CODEC)?;
        match self.run(&self.statements.insert, columns).await {
            Ok(inserted) => Ok(inserted > 0),
            Err(sqlx::Error::Database(error)) if D::is_taken(&*error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets one transaction at a time add to either identity. The session that moves from one to the other is held after
    /// that, and is among those that who adds to the first looks at: all take the locks in the same order, and who waits
    /// for one holds nothing that others wait for.
    async fn lock_both(&mut self, old: Tag, new: Tag) -> Done<()> {
        self.lock(old.min(new)).await?;
        if old != new {
            self.lock(old.max(new)).await?;
        }
        Ok(())
    }

    /// Lets one transaction at a time add to an identity, or end several of its sessions.
    pub(super) async fn lock(&mut self, tag: Tag) -> Done<()> {
        let Some(lock) = &self.statements.lock else { return Ok(()) };
        let bytes = tag.as_bytes();
        let number = bytes.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        let name = format!("lock {:02x}", bytes[0]);
        self.rows(lock, [Param::Int(number), Param::Text(name)]).await?;
        Ok(())
    }

    /// Ends those of the same identity, which is locked, that were seen longest ago, if they are too many with a new one.
    async fn evict(&mut self, new: &Handle, max: Option<NonZeroU32>) -> Done<Vec<Handle>> {
        let Some(max) = max else { return Ok(Vec::new()) };
        let others = self.rows(&self.statements.others, [row::tag(new.tag()), row::own(*new)]).await?;
        let surplus = (others.len() + 1).saturating_sub(max.get() as usize);
        let mut evicted = Vec::with_capacity(surplus);
        for other in others.iter().take(surplus) {
            let (id, handle) = other_of::<D>(other, new.tag())?;
            self.run(&self.statements.delete_id, [Param::Int(id)]).await?;
            evicted.push(handle);
        }
        Ok(evicted)
    }

    pub(super) async fn privilege(&mut self, old: &Key, new: &Key, patch: &Patch) -> Done<Commit> {
        if let Some(answer) = self.privilege_at_once(old, new, patch).await? {
            return Ok(answer);
        }
        self.begin().await?;
        if patch.max_per_user.is_some() {
            self.lock_both(old.tag(), new.tag()).await?;
        }
        let held = match self.hold(old).await? {
            Lead::Live(held) if held.via != Via::Grace => held,
            Lead::Live(_) | Lead::Moved { .. } => return self.answer(Commit::Moved).await,
            Lead::Nothing => return self.answer(Commit::Gone).await,
        };
        let record = match patch.apply(&held.stored.record) {
            Ok(record) => record,
            Err(error) => return self.answer(error.into_answer()?).await,
        };
        let max = patch.max_per_user.filter(|_| record.meta.identified);
        self.depart(&held, followed(&held.stored.record.meta, &record.meta)).await?;
        self.store(held.id, new, &record).await?;
        let evicted = self.evict(&record.meta.handle, max).await?;
        self.answer(Commit::Committed { rotated: true, evicted }).await
    }

    pub(super) async fn renew(&mut self, old: &Key, new: &Key, patch: &Patch, grace: Duration) -> Done<Commit> {
        if new.tag() != old.tag() {
            return Err(StorageError::Unsupported("a renewal takes an unused key of the same tag").into());
        }
        self.begin().await?;
        let mut held = match self.hold(old).await? {
            Lead::Live(held) => held,
            Lead::Moved { .. } => return self.answer(Commit::Moved).await,
            Lead::Nothing => return self.answer(Commit::Gone).await,
        };
        let record = match patch.apply(&held.stored.record) {
            Ok(record) => record,
            Err(error) => return self.answer(error.into_answer()?).await,
        };
        self.presented(&mut held, old).await?;
        let rotated = held.via != Via::Grace && self.issue(&held, new, grace).await?;
        self.store(held.id, &held.key, &record).await?;
        self.answer(Commit::Committed { rotated, evicted: Vec::new() }).await
    }

    /// Gives a session a pending key, unless it has a young one.
    async fn issue(&mut self, held: &Held, new: &Key, grace: Duration) -> Done<bool> {
        let earlier = self.rows(&self.statements.pending, [Param::Int(held.id)]).await?;
        if let Some(earlier) = earlier.first() {
            let issued_at = row::required(D::int(earlier, 2)?)?;
            let since = crate::clock::Timestamp::from_millis(u64::try_from(issued_at).unwrap_or_default());
            if since.after(grace) > self.now {
                return Ok(false);
            }
            let key = row::key::<D>(earlier, 0, 1)?;
            let mark = [row::hash(&key), Param::Int(kind::MOVED), row::time(self.now.after(MOVED_FOR))];
            self.run(&self.statements.mark, mark).await?;
        }
        self.name(new, kind::PENDING, held.id, Some(row::millis(grace)), None).await?;
        Ok(true)
    }

    pub(super) async fn restart(&mut self, old: &Key, new: &Key, record: &Record) -> Done<Commit> {
        if let Some(answer) = self.restart_at_once(old, new, record).await? {
            return Ok(answer);
        }
        let max = record.max_per_user.filter(|_| record.meta.identified);
        self.begin().await?;
        if max.is_some() {
            self.lock_both(old.tag(), new.tag()).await?;
        }
        if let Some(held) = &self.hold_to_end(old).await? {
            self.replace(held, new, record).await?;
        } else if !self.insert(new, record).await? {
            return Err(StorageError::Unsupported("a rotation takes an unused key").into());
        }
        let evicted = self.evict(&record.meta.handle, max).await?;
        self.answer(Commit::Committed { rotated: true, evicted }).await
    }

    /// Puts a new session in the place of one.
    async fn replace(&mut self, held: &Held, new: &Key, record: &Record) -> Done<()> {
        self.depart(held, followed(&held.stored.record.meta, &record.meta)).await?;
        let columns = row::columns(new, record, D::CODEC)?;
        self.run(&self.statements.replace, [Param::Int(held.id)].into_iter().chain(columns)).await?;
        Ok(())
    }

    async fn answer(&mut self, answer: Commit) -> Done<Commit> {
        self.end().await?;
        Ok(answer)
    }

    /// Ends the session that a key leads to.
    pub(super) async fn delete(&mut self, key: &Key) -> Done<bool> {
        if self.run(&self.statements.delete, [row::hash(key), row::tag(key.tag())]).await? > 0 {
            return Ok(true);
        }
        if matches!(self.look(key).await?, crate::storage::Loaded::Absent) {
            // By another clock it may live.
            self.run(&self.statements.delete_dead, [row::hash(key)]).await?;
            return Ok(false);
        }
        self.begin().await?;
        let held = self.hold_to_end(key).await?;
        if let Some(held) = &held {
            self.run(&self.statements.delete_id, [Param::Int(held.id)]).await?;
        }
        self.end().await?;
        Ok(held.is_some())
    }

    /// Holds the session that an end of a key ends.
    async fn hold_to_end(&mut self, key: &Key) -> Done<Option<Held>> {
        match self.hold(key).await? {
            Lead::Live(held) => Ok(Some(*held)),
            Lead::Moved { target: Some(id), followed: true } => self.hold_followed(key, id).await,
            Lead::Moved { .. } | Lead::Nothing => Ok(None),
        }
    }

    /// Holds the session that a marker leads to, if the marker is followed still.
    async fn hold_followed(&mut self, key: &Key, id: i64) -> Done<Option<Held>> {
        let Some(held) = self.hold_id(id).await? else { return Ok(None) };
        let entry = self.entry(key).await?;
        Ok(entry.is_some_and(|entry| entry.kind == kind::MOVED).then_some(held))
    }
}

fn other_of<D: Dialect>(other: &Row<D>, tag: Tag) -> Result<(i64, Handle), sqlx::Error> {
    let id = row::required(D::int(other, 0)?)?;
    Ok((id, row::handle(tag, row::bytes::<D, 16>(other, 1)?)))
}

/// Returns whether an end of the old session ends the new one: not if that made it somebody's.
fn followed(old: &Meta, new: &Meta) -> bool {
    old.identified || !new.identified
}
