//! One key of a seal, and the cipher under it.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{Purpose, Secret};
use crate::token::{NoRandomness, Token};

/// The first byte of all that is sealed.
pub(super) const VERSION: u8 = 1;

/// The length of a sealed token.
pub(super) const WIRE: usize = HEAD + Token::LENGTH + 16;

const HEAD: usize = 1 + size_of::<KeyId>() + size_of::<Nonce>();

/// What tells in the clear which key sealed.
pub(super) type KeyId = [u8; 4];

pub(super) type Nonce = [u8; 24];

/// A key, its cipher, and what that cipher authenticates beside the token.
pub(super) struct Generation {
    id: KeyId,
    cipher: XChaCha20Poly1305,
    context: Box<[u8]>,
}

impl Generation {
    pub(super) fn new(secret: &Secret, purpose: Purpose, cookie: &str, session: &str) -> Self {
        let purpose = purpose.label();
        let id = derive(secret, purpose, "id");
        let key: [u8; 32] = derive(secret, purpose, "key");
        Self { id, cipher: XChaCha20Poly1305::new(&key.into()), context: context(id, [purpose, cookie, session]) }
    }

    pub(super) const fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn seal(&self, token: &Token) -> Result<[u8; WIRE], NoRandomness> {
        let nonce = nonce()?;
        let mut body = token.to_bytes();
        let buffer = InOutBuf::from(&mut body[..]);
        let tag = self.cipher.encrypt_inout_detached(&nonce.into(), &self.context, buffer).map_err(|_| NoRandomness)?;
        let mut wire = [0; WIRE];
        for (to, from) in wire.iter_mut().zip([VERSION].iter().chain(&self.id).chain(&nonce).chain(&body).chain(&tag)) {
            *to = *from;
        }
        Ok(wire)
    }

    pub(super) fn open(&self, mut wire: [u8; WIRE]) -> Option<Token> {
        let (head, rest) = wire.split_at_mut(HEAD);
        let (body, tag) = rest.split_at_mut(Token::LENGTH);
        let nonce: &Nonce = head.last_chunk()?;
        let tag: &[u8; 16] = tag.first_chunk()?;
        let buffer = InOutBuf::from(&mut *body);
        self.cipher.decrypt_inout_detached(nonce.into(), &self.context, buffer, tag.into()).ok()?;
        Token::from_bytes(body)
    }
}

/// Returns what has never sealed: with 192 random bits it needs no memory of what has.
pub(super) fn nonce() -> Result<Nonce, NoRandomness> {
    let mut nonce = Nonce::default();
    getrandom::fill(&mut nonce).map_err(|_| NoRandomness)?;
    Ok(nonce)
}

/// Returns bytes that nobody finds out without the secret, by HKDF-SHA256.
#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8160 bytes, and 32 are the most that is asked for")]
fn derive<const N: usize>(secret: &Secret, purpose: &str, part: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let info = ["rocket_typed_session/1/", purpose, "/", part];
    let hkdf = Hkdf::<Sha256>::new(None, secret.as_bytes());
    hkdf.expand_multi_info(&info.map(str::as_bytes), &mut bytes).expect("at most 8160 bytes");
    bytes
}

/// Returns the associated data. Each text goes after its length, so that no two contexts are the same bytes.
fn context(id: KeyId, texts: [&str; 3]) -> Box<[u8]> {
    let mut bytes = vec![VERSION];
    bytes.extend(id);
    for text in texts {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.into()
}
