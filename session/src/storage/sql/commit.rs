//! Commits and touches of what one statement did not find.

use super::dialect::Dialect;
use super::row;
use super::statement::Param;
use super::update::Update;
use super::work::{Done, Lead, Work};
use crate::record::{Patch, Record, Seen};
use crate::storage::{Commit, Loaded};
use crate::token::Key;

impl<D: Dialect> Work<'_, '_, D> {
    /// Changes a session by one statement. Returns whether it was found.
    pub(super) async fn update(&mut self, update: &Update) -> Done<bool> {
        Ok(D::run(self.lease, &update.text, &update.params).await? > 0)
    }

    /// Applies a patch that one statement did not apply.
    pub(super) async fn commit(&mut self, key: &Key, patch: &Patch) -> Done<Commit> {
        match self.look(key).await? {
            Loaded::Absent => Ok(Commit::Gone),
            Loaded::Moved => Ok(Commit::Moved),
            Loaded::Live { .. } => self.commit_held(key, patch).await,
        }
    }

    async fn commit_held(&mut self, key: &Key, patch: &Patch) -> Done<Commit> {
        self.begin().await?;
        let answer = match self.hold(key).await? {
            Lead::Live(mut held) => match patch.apply(&held.stored.record) {
                Ok(record) => {
                    self.presented(&mut held, key).await?;
                    self.store(held.id, &held.key, &record).await?;
                    Commit::DONE
                }
                Err(error) => error.into_answer()?,
            },
            Lead::Moved { .. } => Commit::Moved,
            Lead::Nothing => Commit::Gone,
        };
        self.end().await?;
        Ok(answer)
    }

    /// Writes down a use of a key that is not the current one of a session.
    pub(super) async fn touch(&mut self, key: &Key, seen: &Seen) -> Done<bool> {
        if !matches!(self.look(key).await?, Loaded::Live { .. }) {
            return Ok(false);
        }
        self.begin().await?;
        let lead = self.hold(key).await?;
        let lives = matches!(lead, Lead::Live(_));
        if let Lead::Live(mut held) = lead {
            self.presented(&mut held, key).await?;
            let mut record = held.stored.record;
            seen.apply(&mut record.meta);
            self.store(held.id, &held.key, &record).await?;
        }
        self.end().await?;
        Ok(lives)
    }

    /// Writes a held session.
    pub(super) async fn store(&mut self, id: i64, key: &Key, record: &Record) -> Done<()> {
        let columns = row::columns(key, record, D::CODEC)?;
        self.run(&self.statements.store, [Param::Int(id)].into_iter().chain(columns)).await?;
        Ok(())
    }
}
