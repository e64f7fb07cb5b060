//! One key of a seal, and the cipher under it.

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{Keyring, Purpose, Refused, Secret};
use crate::token::{NoRandomness, Token};

/// The first byte of all that is sealed.
pub(super) const VERSION: u8 = 1;

/// The length of a sealed token.
pub(super) const WIRE: usize = HEAD + Token::LENGTH + TAG;

/// The length of what authenticates the rest.
const TAG: usize = 16;

const HEAD: usize = 1 + size_of::<KeyId>() + size_of::<Nonce>();

/// What tells in the clear which key sealed.
type KeyId = [u8; 4];

pub(super) type Nonce = [u8; 24];

/// A key, its cipher, and what that cipher authenticates beside the body.
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

    const fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn seal(&self, token: &Token) -> Result<[u8; WIRE], NoRandomness> {
        let mut wire = [0; WIRE];
        wire[HEAD..HEAD + Token::LENGTH].copy_from_slice(&token.to_bytes());
        self.close(&mut wire).map(|()| wire)
    }

    pub(super) fn open(&self, mut wire: [u8; WIRE]) -> Option<Token> {
        Token::from_bytes(self.uncover(&mut wire)?)
    }

    /// Returns a body of any length, sealed.
    pub(super) fn seal_body(&self, body: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let mut wire = vec![0; HEAD + body.len() + TAG];
        wire[HEAD..HEAD + body.len()].copy_from_slice(body);
        self.close(&mut wire).map(|()| wire)
    }

    /// Returns the body of a wire of any length.
    pub(super) fn open_body(&self, mut wire: Vec<u8>) -> Option<Vec<u8>> {
        self.uncover(&mut wire).map(<[u8]>::to_vec)
    }

    /// Encrypts the body that lies between the places of head and tag, and fills those.
    fn close(&self, wire: &mut [u8]) -> Result<(), NoRandomness> {
        let nonce = nonce()?;
        let (head, rest) = wire.split_at_mut(HEAD);
        let (body, end) = rest.split_at_mut(rest.len() - TAG);
        let buffer = InOutBuf::from(body);
        let tag = self.cipher.encrypt_inout_detached(&nonce.into(), &self.context, buffer).map_err(|_| NoRandomness)?;
        end.copy_from_slice(&tag);
        for (to, from) in head.iter_mut().zip([VERSION].iter().chain(&self.id).chain(&nonce)) {
            *to = *from;
        }
        Ok(())
    }

    /// Decrypts the body, if nothing was changed.
    fn uncover<'w>(&self, wire: &'w mut [u8]) -> Option<&'w [u8]> {
        let (head, rest) = wire.split_at_mut_checked(HEAD)?;
        let (body, tag) = rest.split_last_chunk_mut::<TAG>()?;
        let nonce: &Nonce = head.last_chunk()?;
        let buffer = InOutBuf::from(&mut *body);
        self.cipher.decrypt_inout_detached(nonce.into(), &self.context, buffer, (&*tag).into()).ok()?;
        Some(body)
    }
}

/// The current key, which seals, and the ones before it.
pub(super) struct Generations {
    pub(super) current: Generation,
    previous: Box<[Generation]>,
}

impl Generations {
    /// Sets up the ciphers of all keys.
    pub(super) fn new(keyring: &Keyring, purpose: Purpose, cookie: &str, session: &str) -> Self {
        let generation = |secret| Generation::new(secret, purpose, cookie, session);
        Self { current: generation(&keyring.current), previous: keyring.previous.iter().map(generation).collect() }
    }

    /// Returns whether there are keys before the current one.
    pub(super) fn have_previous(&self) -> bool {
        !self.previous.is_empty()
    }

    /// Returns whether this key is the current one.
    pub(super) fn is_current(&self, generation: &Generation) -> bool {
        generation.id() == self.current.id()
    }

    /// Returns the key that sealed a wire, by its version and key id.
    pub(super) fn of(&self, wire: &[u8]) -> Result<&Generation, Refused> {
        let [VERSION, a, b, c, d, ..] = *wire else { return Err(Refused::Malformed) };
        let mut all = std::iter::once(&self.current).chain(&self.previous);
        all.find(|generation| generation.id() == [a, b, c, d]).ok_or(Refused::UnknownKey)
    }
}

/// Returns what has never sealed: with 192 random bits it needs no memory of what has.
fn nonce() -> Result<Nonce, NoRandomness> {
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
