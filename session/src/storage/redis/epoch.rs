//! The number that every session must bear, and that changes when everyone's sessions are ended.

use std::time::Duration;

use fred::bytes::Bytes;
use fred::util::redis_keyslot;
use parking_lot::Mutex;
use rocket::tokio::time::Instant;

use super::Inner;
use super::client::Command;
use super::error::unintelligible;
use super::pack::{Pack, packed, unpack};
use super::script::EPOCH;
use crate::error::StorageError;

/// How long a process of a cluster's clients may believe in an epoch.
const BELIEVED: Duration = Duration::from_secs(5);

/// What is known of the epoch.
///
/// On a single server the scripts read it themselves, in the same step as the session. A cluster keeps it in one slot,
/// which the scripts of other slots can not read: each process remembers it for five seconds, and asks again when a
/// session bears another.
#[derive(Debug)]
pub(super) enum Epoch {
    Read,
    Remembered(Mutex<Option<Known>>),
}

/// An epoch that the server answered with.
#[derive(Debug)]
pub(super) struct Known {
    epoch: String,
    asked: Instant,
    answered: Instant,
}

impl Known {
    /// Whether an answer that comes after this one is older. An epoch only grows; what was asked for since is smaller if
    /// the server has lost this.
    fn outdates(&self, epoch: &str, asked: Instant) -> bool {
        asked <= self.answered && (epoch.len(), epoch) < (self.epoch.len(), &self.epoch)
    }
}

impl Epoch {
    pub(super) fn new(clustered: bool) -> Self {
        if clustered { Self::Remembered(Mutex::new(None)) } else { Self::Read }
    }

    /// Returns the epoch, or [`None`] if the scripts read it.
    pub(super) async fn known(&self, inner: &Inner) -> Result<Option<String>, StorageError> {
        let Self::Remembered(cell) = self else { return Ok(None) };
        let known =
            cell.lock().as_ref().filter(|known| known.asked.elapsed() < BELIEVED).map(|known| known.epoch.clone());
        match known {
            Some(epoch) => Ok(Some(epoch)),
            None => Box::pin(self.renew(inner)).await.map(Some),
        }
    }

    /// Asks for the epoch, which is made if there is none.
    pub(super) async fn renew(&self, inner: &Inner) -> Result<String, StorageError> {
        let asked = Instant::now();
        let get = Command::Get(inner.names.epoch());
        match inner.connections.read(&get).await?.into_string() {
            Some(epoch) => Ok(self.remember(epoch, asked)),
            None => self.ask(inner, false).await,
        }
    }

    /// Begins another epoch.
    pub(super) async fn raise(&self, inner: &Inner) -> Result<(), StorageError> {
        self.ask(inner, true).await.map(drop)
    }

    async fn ask(&self, inner: &Inner, raise: bool) -> Result<String, StorageError> {
        let (asked, key) = (Instant::now(), inner.names.epoch());
        let arg = raise.then(|| Bytes::from_static(b"1"));
        let answer = inner.connections.run(&EPOCH, self.slot(inner), Pack::of([&key]), arg).await?;
        let answer = packed(answer)?;
        let epoch = unpack(&answer)?.first().and_then(|epoch| str::from_utf8(epoch).ok());
        Ok(self.remember(epoch.ok_or_else(|| unintelligible("an epoch that is none"))?.to_owned(), asked))
    }

    fn slot(&self, inner: &Inner) -> u16 {
        match self {
            Self::Read => 0,
            Self::Remembered(_) => redis_keyslot(inner.names.epoch().as_bytes()),
        }
    }

    /// Remembers an answer, unless a newer one came before it. Returns the newer one.
    fn remember(&self, epoch: String, asked: Instant) -> String {
        let Self::Remembered(cell) = self else { return epoch };
        let mut known = cell.lock();
        match &*known {
            Some(known) if known.outdates(&epoch, asked) => known.epoch.clone(),
            _ => known.insert(Known { epoch, asked, answered: Instant::now() }).epoch.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(answers: [(&str, Instant); 2]) -> [String; 2] {
        let epoch = Epoch::new(true);
        answers.map(|(answer, asked)| epoch.remember(answer.to_owned(), asked))
    }

    #[test]
    fn an_answer_that_was_under_way_when_a_newer_one_came_is_old() {
        let asked = Instant::now();
        assert_eq!(remembered([("1000", asked), ("999", asked)]), ["1000", "1000"]);
        assert_eq!(remembered([("999", asked), ("1000", asked)]), ["999", "1000"]);
    }

    #[test]
    fn an_epoch_that_the_server_lost_is_not_believed_in() {
        let later = Instant::now() + BELIEVED;
        assert_eq!(remembered([("1000", Instant::now()), ("999", later)]), ["1000", "999"]);
    }
}
