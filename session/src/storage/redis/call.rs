//! Calling scripts until they answer what they are asked.

use std::ptr;
use std::sync::LazyLock;

use fred::bytes::Bytes;

use super::Inner;
use super::error::unintelligible;
use super::pack::{Pack, unpack};
use super::script::{COMMIT, Script};
use super::together::Change;
use crate::clock::Now;
use crate::error::StorageError;
use crate::token::Tag;

/// How often a script may ask for something before it answers.
const ROUNDS: usize = 32;

/// What a script is called with.
pub(super) struct Call {
    pub(super) script: &'static Script,
    /// The tag whose slot everything is in.
    pub(super) tag: Tag,
    pub(super) keys: Pack,
    pub(super) args: Pack,
    pub(super) now: Now,
}

/// What a script answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) word: String,
    pub(super) rest: Vec<Bytes>,
}

impl Call {
    /// Returns all arguments; `fresh` says that the epoch was read just now.
    fn arguments(&self, epoch: &str, fresh: bool) -> Pack {
        let mut args = Pack::of([epoch, if fresh { "1" } else { "" }]);
        args.push_shown(self.now.as_millis());
        args.append(&self.args);
        args
    }
}

impl Answer {
    pub(super) fn of(answer: &Bytes) -> Result<Self, StorageError> {
        let mut texts = unpack(answer)?.into_iter();
        let word = texts.next().and_then(|word| std::str::from_utf8(word).ok());
        let word = word.ok_or_else(|| unintelligible("an answer without a word"))?.to_owned();
        Ok(Self { word, rest: texts.map(|text| answer.slice_ref(text)).collect() })
    }

    /// Returns the rest as texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.rest.iter().filter_map(|text| std::str::from_utf8(text).ok())
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
    pub(super) async fn call(&self, mut call: Call) -> Result<Answer, StorageError> {
        let mut fresh = false;
        for _ in 0..ROUNDS {
            let epoch = self.epoch.known(self).await?;
            let args = call.arguments(epoch.as_deref().unwrap_or_default(), fresh);
            let change = Change {
                slot: self.slot(call.tag),
                keys: call.keys.clone(),
                epoch: epoch.is_none().then(|| self.names.epoch()),
                args,
            };
            let answer = Answer::of(&self.carry_out(call.script, change).await?)?;
            match answer.word.as_str() {
                "keys" => answer.texts().for_each(|key| call.keys.push(key)),
                "epoch" => {
                    Box::pin(self.epoch.renew(self)).await?;
                    fresh = true;
                }
                _ => return Ok(answer),
            }
        }
        Err(StorageError::unavailable("a session changed too often to be changed"))
    }

    async fn carry_out(&self, script: &'static Script, change: Change) -> Result<Bytes, StorageError> {
        match &self.together {
            Some(together) if ptr::eq(script, LazyLock::force(&COMMIT)) => together.changes.carry_out(change).await,
            // Apart, because it is large, and most are sent together.
            _ => Box::pin(self.connections.change(script, change)).await,
        }
    }
}
