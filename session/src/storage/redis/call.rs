//! Calling scripts until they answer what they are asked.

use fred::types::Value;

use super::Inner;
use super::error::unintelligible;
use super::names::slot;
use super::script::Script;
use crate::clock::Now;
use crate::error::StorageError;
use crate::token::Tag;

/// How often a script may ask for something before it answers.
const ROUNDS: usize = 32;

/// What a script is called with.
pub(super) struct Call<'c> {
    pub(super) script: &'c Script,
    /// The tag whose slot everything is in.
    pub(super) tag: Tag,
    pub(super) keys: Vec<String>,
    pub(super) args: Vec<Value>,
    pub(super) now: Now,
}

/// What a script answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) word: String,
    pub(super) rest: Vec<Value>,
}

impl Answer {
    fn new(values: Vec<Value>) -> Result<Self, StorageError> {
        let mut values = values.into_iter();
        let word = values.next().and_then(Value::into_string);
        word.map(|word| Self { word, rest: values.collect() }).ok_or_else(|| unintelligible("an answer without a word"))
    }

    /// Returns the rest as texts.
    pub(super) fn texts(self) -> impl Iterator<Item = String> {
        self.rest.into_iter().filter_map(Value::into_string)
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
    pub(super) async fn call(&self, mut call: Call<'_>) -> Result<Answer, StorageError> {
        let mut fresh = false;
        for _ in 0..ROUNDS {
            let args = self.arguments(&call, fresh).await?;
            let answer = Answer::new(self.connections.run(call.script, slot(call.tag), &args).await?)?;
            match answer.word.as_str() {
                "keys" => call.keys.extend(answer.texts()),
                "epoch" => {
                    Box::pin(self.epoch.renew(self)).await?;
                    fresh = true;
                }
                _ => return Ok(answer),
            }
        }
        Err(StorageError::unavailable("a session changed too often to be changed"))
    }

    async fn arguments(&self, call: &Call<'_>, fresh: bool) -> Result<Vec<Value>, StorageError> {
        let epoch = self.epoch.known(self).await?;
        let keys = call.keys.len() + usize::from(epoch.is_none());
        let mut args = Vec::with_capacity(keys + call.args.len() + 4);
        args.push(Value::from(keys.to_string()));
        args.extend(call.keys.iter().map(Value::from));
        if epoch.is_none() {
            args.push(self.names.epoch().into());
        }
        args.push(epoch.unwrap_or_default().into());
        args.push(if fresh { "1" } else { "" }.into());
        args.push(call.now.as_millis().to_string().into());
        args.extend(call.args.iter().cloned());
        Ok(args)
    }
}
