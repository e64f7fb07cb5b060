//! The headers of responses that used a session.

use parking_lot::Mutex;
use rocket::{Request, Response};

/// The session cookies that this response brings, of all session types: they outlive a replaced response.
#[derive(Default)]
struct Committed(Mutex<Vec<String>>);

/// Says that the response depends on the cookie.
pub(super) fn vary(response: &mut Response<'_>) {
    append(response, "Vary", "Cookie", &["cookie", "*"]);
}

/// Says that the response depends on the bearer token, too.
pub(super) fn vary_by_authorization(response: &mut Response<'_>) {
    append(response, "Vary", "Authorization", &["authorization", "*"]);
}

/// Keeps caches from storing a response that brings a token (RFC 6750, section 5.3).
pub(super) fn no_store(response: &mut Response<'_>) {
    append(response, "Cache-Control", "no-store", &["no-store"]);
}

/// Sets a session cookie, and keeps shared caches from storing it (RFC 9111, section 7.3).
pub(super) fn set_cookie(request: &Request<'_>, response: &mut Response<'_>, cookie: String) {
    request.local_cache(Committed::default).0.lock().push(cookie.clone());
    response.adjoin_raw_header("Set-Cookie", cookie);
    no_store(response);
}

/// Sets again what other session types have committed in this response.
pub(super) fn restore_cookies(request: &Request<'_>, response: &mut Response<'_>) {
    let cookies = request.local_cache(Committed::default).0.lock();
    for cookie in &*cookies {
        response.adjoin_raw_header("Set-Cookie", cookie.clone());
    }
    if !cookies.is_empty() {
        no_store(response);
    }
}

/// Asks the browser to forget what it keeps of this site but its cookies, one of which is removed with them.
pub(super) fn clear_site_data(response: &mut Response<'_>) {
    if !response.headers().contains("Clear-Site-Data") {
        response.set_raw_header("Clear-Site-Data", "\"cache\", \"storage\"");
    }
}

/// Adds a member to a list header, unless one of `enough` is among its members.
fn append(response: &mut Response<'_>, name: &'static str, member: &'static str, enough: &[&str]) {
    if !contains(response, name) {
        response.set_raw_header(name, member);
        return;
    }
    let own = response.headers().get(name).collect::<Vec<_>>().join(", ");
    let has = |member: &str| enough.iter().any(|enough| member.trim().eq_ignore_ascii_case(enough));
    if !own.split(',').any(has) {
        response.set_raw_header(name, format!("{own}, {member}"));
    }
}

/// Compares the few names that there are, which costs less than to hash one, and less than to stop at the one.
fn contains(response: &Response<'_>, name: &str) -> bool {
    response.headers().iter().fold(false, |found, header| found | (header.name() == name))
}
