//! What a client is told whose token does not do.

use rocket::{Request, Response};

use crate::guard::GuardError;

/// Says why a guard refused a client that has a bearer token, or presents nothing at all (RFC 6750, section 3).
///
/// Where the token's session `lives`, it is another session that is missing, which no token is for.
pub(crate) fn challenge(request: &Request<'_>, response: &mut Response<'_>, has_token: bool, lives: bool) {
    let challenge = match (response.status().code, GuardError::of(request)) {
        // RFC 9470, section 3.
        (401, Some(GuardError::Stale)) => "Bearer error=\"insufficient_user_authentication\"",
        (401, Some(_)) if lives => return,
        (401, Some(_)) if has_token => "Bearer error=\"invalid_token\"",
        (401, Some(_)) => "Bearer",
        (403, Some(GuardError::Forbidden)) => "Bearer error=\"insufficient_scope\"",
        _ => return,
    };
    if !response.headers().contains("WWW-Authenticate") {
        response.set_raw_header("WWW-Authenticate", challenge);
    }
}
