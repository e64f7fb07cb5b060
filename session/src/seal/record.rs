//! The seal on whole sessions.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::generation::Generations;
use super::{Keyring, Purpose, Refused};
use crate::token::NoRandomness;

/// Seals and opens the sessions that one cookie of one session type carries.
pub(crate) struct RecordSeal(Generations);

impl RecordSeal {
    /// Sets up the ciphers of all keys.
    pub(crate) fn new(keyring: &Keyring, cookie: &str, session: &str) -> Self {
        Self(Generations::new(keyring, Purpose::Record, cookie, session))
    }

    /// Returns the text of a sealed body, under the current key.
    pub(crate) fn seal(&self, body: &[u8]) -> Result<String, NoRandomness> {
        Ok(BASE64.encode(self.0.current.seal_body(body)?))
    }

    /// Returns the body of a sealed text. One of more than `most` bytes is not looked at.
    pub(crate) fn open(&self, text: &str, most: usize) -> Result<Vec<u8>, Refused> {
        if text.len() > most {
            return Err(Refused::Malformed);
        }
        let wire = BASE64.decode(text).map_err(|_| Refused::Malformed)?;
        let generation = self.0.of(&wire)?;
        generation.open_body(wire).ok_or(Refused::Forged)
    }
}

impl fmt::Debug for RecordSeal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecordSeal")
    }
}
