//! Which session a request presents.

use rocket::Request;
use rocket::http::Cookie;

use crate::seal::{Refused, Seal};
use crate::token::Key;

/// The most cookies of one name that are looked at; each different one costs an opening.
const MOST: usize = 4;

/// What opens the values of a cookie.
pub(crate) trait Opens {
    /// What is in them.
    type Opened;

    /// Returns what is in a value of ours.
    fn open(&self, value: &str) -> Result<Self::Opened, Refused>;
}

impl Opens for Seal {
    type Opened = Key;

    fn open(&self, value: &str) -> Result<Key, Refused> {
        self.open_token(value)
    }
}

/// What a request presents as the session's cookie.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'r, O = Key> {
    /// No cookie of the name.
    None,
    /// Nothing that opens, and why.
    Refused(Refused),
    /// Different cookies that all open: whose they are can not be told.
    Ambiguous,
    /// A cookie that we issued.
    Session {
        /// What is in it; the session may not be alive.
        opened: O,
        /// The cookie's value as it came.
        value: &'r str,
    },
}

/// Returns what a request presents in its cookies of this name.
///
/// Reads the headers, since Rocket's jar keeps the last of several cookies of a name and decodes `%` in names, which
/// defeats the `__Host-` prefix. Only Rocket's local client has cookies in the jar and no header.
#[inline]
pub(crate) fn presented<'r, S: Opens>(request: &'r Request<'_>, name: &str, seal: &S) -> Presented<'r, S::Opened> {
    let mut headers = request.headers().get("Cookie").peekable();
    if headers.peek().is_some() {
        return choose(headers.flat_map(|header| values(header, name)), seal);
    }
    match request.cookies().get(name).map(Cookie::value) {
        Some(value) => Presented::None.or(value, seal.open(value)),
        None => Presented::None,
    }
}

/// Returns whether a request has a cookie of this name, whatever it holds.
pub(crate) fn carries(request: &Request<'_>, name: &str) -> bool {
    let mut headers = request.headers().get("Cookie").peekable();
    if headers.peek().is_some() {
        return headers.any(|header| values(header, name).next().is_some());
    }
    request.cookies().get(name).is_some()
}

/// Returns the values of the cookies of a name in one `Cookie` header.
pub(super) fn values<'r>(header: &'r str, name: &str) -> impl Iterator<Item = &'r str> {
    pairs(header).filter_map(move |pair| {
        let value = pair.trim_ascii().strip_prefix(name)?.strip_prefix('=')?;
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    })
}

/// Splits at each `;`.
fn pairs(header: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let (pair, after) = rest?.split_at(semicolon(rest?.as_bytes()));
        rest = after.strip_prefix(';');
        Some(pair)
    })
}

/// Returns where the first `;` stands, or the length. The blocks compile to vector instructions, which makes this
/// three times as fast as [`str::find`] on values as long as ours.
fn semicolon(bytes: &[u8]) -> usize {
    let without = |block: &&[u8; 32]| block.iter().fold(0, |found, byte| found | u8::from(*byte == b';')) == 0;
    let start = bytes.as_chunks().0.iter().take_while(without).count() * 32;
    bytes[start..].iter().position(|byte| *byte == b';').map_or(bytes.len(), |at| start + at)
}

/// Opens the different ones of the values, and returns the only one that opens.
pub(super) fn choose<'r, S: Opens>(values: impl Iterator<Item = &'r str>, seal: &S) -> Presented<'r, S::Opened> {
    let mut seen = [""; MOST];
    let mut presented = Presented::None;
    for (count, value) in values.enumerate() {
        if count == MOST {
            return Presented::Refused(Refused::TooMany);
        }
        if count == 0 || !seen[..count].contains(&value) {
            presented = presented.or(value, seal.open(value));
        }
        seen[count] = value;
    }
    presented
}

impl<'r, O> Presented<'r, O> {
    fn or(self, value: &'r str, opened: Result<O, Refused>) -> Self {
        match (self, opened) {
            (Self::None | Self::Refused(_), Ok(opened)) => Self::Session { opened, value },
            (Self::Session { .. } | Self::Ambiguous, Ok(_)) => Self::Ambiguous,
            (Self::None, Err(refused)) => Self::Refused(refused),
            (presented, Err(_)) => presented,
        }
    }
}
