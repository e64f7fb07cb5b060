//! Tokens in the `Authorization` header, for clients that keep no cookies (RFC 6750).

mod challenge;
mod hand_over;

pub use self::hand_over::BearerToken;

pub(crate) use self::challenge::challenge;

use rocket::Request;

use crate::cookie::Presented;
use crate::seal::{Refused, Seal};

/// Returns what a request presents in its `Authorization` header; nothing if it uses no bearer token.
///
/// Whoever sends one means it, while a browser sends its cookies unasked: beside a bearer token no cookie counts.
pub(crate) fn presented<'r>(request: &'r Request<'_>, seal: &Seal) -> Option<Presented<'r>> {
    let mut tokens = request.headers().get("Authorization").filter_map(token);
    let value = tokens.next()?;
    Some(match (tokens.next(), seal.open_token(value)) {
        (Some(_), _) => Presented::Refused(Refused::TooMany),
        (None, Ok(opened)) => Presented::Session { opened, value },
        (None, Err(refused)) => Presented::Refused(refused),
    })
}

/// Returns the bearer token in a header; the name of a scheme is in any case (RFC 9110, section 11.1).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_matches(' '))
}
