//! Calling scripts until they answer what they are asked.

use std::sync::Arc;

use fred::bytes::Bytes;

use super::Inner;
use super::error::unintelligible;
use super::pack::{Pack, unpack};
use super::script::Script;
use super::together::Change;
use crate::clock::Now;
use crate::error::StorageError;
use crate::storage::together::Way;
use crate::token::Tag;

/// How often a script may ask for something before it answers.
const ROUNDS: usize = 32;

/// What a script is called with.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) script: &'static Script,
    /// The tag whose slot everything is in.
    pub(super) tag: Tag,
    pub(super) keys: Pack,
    pub(super) args: Pack,
    pub(super) now: Now,
}

/// How a script knows the epoch.
pub(super) enum EpochSource {
    /// It reads this key, which is its last.
    Read(Arc<str>),
    /// The client tells it; `fresh` says that the client read it just now.
    Told { epoch: String, fresh: bool },
}

impl EpochSource {
    /// Adds the key that the script reads.
    pub(super) fn push_key(&self, keys: &mut Pack) {
        if let Self::Read(key) = self {
            keys.push(key);
        }
    }
}

/// What a script answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) word: String,
    pub(super) rest: Vec<Bytes>,
}

impl Call {
    /// Adds all arguments, with what is known of the epoch.
    pub(super) fn push_args(&self, epoch: &EpochSource, args: &mut Pack) {
        let (epoch, fresh) = match epoch {
            EpochSource::Read(_) => ("", false),
            EpochSource::Told { epoch, fresh } => (epoch.as_str(), *fresh),
        };
        args.push(epoch);
        args.push(if fresh { "1" } else { "" });
        args.push_number(self.now.as_millis());
        args.append(&self.args);
    }
}

impl Answer {
    pub(super) fn of(answer: &Bytes) -> Result<Self, StorageError> {
        let mut texts = unpack(answer)?.into_iter();
        let word = texts.next().and_then(|word| str::from_utf8(word).ok());
        let word = word.ok_or_else(|| unintelligible("an answer without a word"))?.to_owned();
        Ok(Self { word, rest: texts.map(|text| answer.slice_ref(text)).collect() })
    }

    /// Returns the rest as texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.rest.iter().filter_map(|text| str::from_utf8(text).ok())
    }

    /// Returns the error of an answer that this call does not have.
    pub(super) fn unexpected(&self) -> StorageError {
        match self.word.as_str() {
            "taken" => StorageError::Unsupported("a rotation takes an unused key"),
            word => unintelligible(word),
        }
    }
}

impl Inner {
    /// Calls a script, and gives it the keys and the epoch that it asks for.
    pub(super) fn call(&self, call: Call) -> impl Future<Output = Result<Answer, StorageError>> + Send {
        // Shared before it is waited for, so that who waits takes less memory.
        self.call_shared(Arc::new(call))
    }

    async fn call_shared(&self, mut call: Arc<Call>) -> Result<Answer, StorageError> {
        let mut fresh = false;
        for _ in 0..ROUNDS {
            let epoch = match self.epoch.known(self).await? {
                Some(epoch) => EpochSource::Told { epoch, fresh },
                None => EpochSource::Read(self.names.epoch()),
            };
            let change = Change { slot: self.slot(call.tag), call: call.clone(), epoch };
            let answer = match &self.together {
                Some(together) if change.is_of_group() => together.changes.carry_out(change).await?,
                // Apart, because it is large, and most are sent together.
                _ => Box::pin(self.connections.alone(&change)).await?,
            };
            let answer = Answer::of(&answer)?;
            match answer.word.as_str() {
                "keys" => {
                    let keys = &mut Arc::make_mut(&mut call).keys;
                    answer.texts().for_each(|key| keys.push(key));
                }
                "epoch" => {
                    Box::pin(self.epoch.renew(self)).await?;
                    fresh = true;
                }
                _ => return Ok(answer),
            }
        }
        Err(StorageError::unavailable("a session changed too often to be changed"))
    }
}
