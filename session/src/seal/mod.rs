//! The seal on what a client keeps: it can neither be read nor made by anyone else.
//!
//! The text of a sealed cookie is base64url, without padding, of
//! `version (1) ‖ key id (4) ‖ nonce (24) ‖ ciphertext and tag`, by XChaCha20-Poly1305.

mod generation;
mod keyring;
mod opened;
mod record;
mod secret;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use self::generation::{Generations, WIRE};
pub(crate) use self::keyring::Keyring;
use self::opened::Opened;
pub(crate) use self::record::RecordSeal;
pub use self::secret::{InvalidSecret, Secret};
use crate::token::{Key, NoRandomness, Token};

/// The length of a sealed token's text.
pub(crate) const LENGTH: usize = WIRE.div_ceil(3) * 4;

const _: () = assert!(WIRE.is_multiple_of(3), "the text of a wire has no padding to leave out");

/// What a key is for; each purpose has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The token in a cookie.
    Token,
    /// A whole session in a cookie.
    Record,
    /// The token in an `Authorization` header.
    Bearer,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Record => "record",
            Self::Bearer => "bearer",
        }
    }
}

/// Why a cookie is no session of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It has not the form of what we seal.
    Malformed,
    /// It was sealed with a key that is neither current nor previous.
    UnknownKey,
    /// It was changed, or sealed for another cookie, session type or purpose.
    Forged,
    /// There are more cookies of the name than are looked at.
    TooMany,
}

/// Seals and opens the tokens of one cookie of one session type.
pub(crate) struct Seal {
    generations: Generations,
    opened: Opened,
}

impl Seal {
    /// Sets up the ciphers of all keys.
    pub(crate) fn new(keyring: &Keyring, purpose: Purpose, cookie: &str, session: &str) -> Self {
        Self { generations: Generations::new(keyring, purpose, cookie, session), opened: Opened::new() }
    }

    /// Returns the text of a sealed token, [`LENGTH`] bytes, under the current key.
    pub(crate) fn seal_token(&self, token: &Token) -> Result<String, NoRandomness> {
        Ok(BASE64.encode(self.generations.current.seal(token)?))
    }

    /// Returns the key of the session whose sealed token this is.
    pub(crate) fn open_token(&self, text: &str) -> Result<Key, Refused> {
        let text: &[u8; LENGTH] = text.as_bytes().try_into().map_err(|_| Refused::Malformed)?;
        if let Some(key) = self.opened.get(text) {
            return Ok(key);
        }
        let key = self.open(text)?;
        self.opened.put(text, key);
        Ok(key)
    }

    /// Returns whether tokens may be sealed with a previous key.
    pub(crate) fn has_previous_keys(&self) -> bool {
        self.generations.have_previous()
    }

    /// Returns the same token under the current key, if it was sealed with a previous one.
    pub(crate) fn resealed(&self, text: &str) -> Option<String> {
        if !self.has_previous_keys() {
            return None;
        }
        let mut wire = [0; WIRE];
        BASE64.decode_slice(text, &mut wire).ok()?;
        let generation =
            self.generations.of(&wire).ok().filter(|generation| !self.generations.is_current(generation))?;
        self.seal_token(&generation.open(wire)?).ok()
    }

    fn open(&self, text: &[u8; LENGTH]) -> Result<Key, Refused> {
        let mut wire = [0; WIRE];
        BASE64.decode_slice(text, &mut wire).map_err(|_| Refused::Malformed)?;
        let generation = self.generations.of(&wire)?;
        Ok(generation.open(wire).ok_or(Refused::Forged)?.key())
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seal")
    }
}
