//! What requests of other origins may do.

use serde::Deserialize;

use super::ConfigError;
use super::valid::{contradiction, invalid};
use crate::cross_site::{Origin, exempt};

/// What requests of other origins may do with a session.
///
/// A request that carries the session's cookie and may act is answered with 403 unless the browser says that it comes
/// from the application's own pages. It may act if its method is not GET, HEAD, OPTIONS or TRACE, or if it asks for an
/// upgrade, as a WebSocket does. Where it comes from is decided as by Go's `http.CrossOriginProtection`:
///
/// 1. `Sec-Fetch-Site`, which browsers have sent to HTTPS and `localhost` since 2023: `same-origin` and `none` (typed
///    in, or a bookmark) pass. `cross-site` and `same-site` do not: another host or port of the same domain is not the
///    application, and may be somebody else's.
/// 2. Without it `Origin`, which must name the host and port of `Host`; `null` does not. `X-Forwarded-Host` is not
///    looked at: let the proxy keep `Host`. While the cookie is `secure`, a page from plain HTTP does not pass either,
///    unless it is from `localhost` or a loopback address.
/// 3. Without both it is no browser, and passes: nobody else can be made to send another's cookies.
///
/// Refused requests reach no handler, and no storage is asked. Catchers for 403 find
/// [`GuardError::CrossSite`](crate::GuardError::CrossSite), and see the method CONNECT; an event
/// [`Refused`](crate::EventKind::Refused) is told. Rocket's `_method` field and what request fairings that were attached
/// before make of a method are looked through: it is the method that is routed which counts.
///
/// A request without the cookie is let through, since it has no session to act with. But if it is one that would be
/// refused with it, it signs nobody in: a foreign page could send a form to sign in, and have its visitor go on as
/// somebody whom it knows (login CSRF, in the OWASP Cross-Site Request Forgery Prevention Cheat Sheet).
/// [`start`](crate::Session::start), or an identifier that is set, is
/// [`SessionError::CrossSite`](crate::SessionError::CrossSite) then, the answer 403, and nothing is stored. A session of
/// nobody may begin, and [`bearer`](crate::Session::bearer) hands out tokens.
///
/// This protects as long as safe methods change nothing. See the OWASP Cross-Site Request Forgery Prevention Cheat
/// Sheet, and ASVS 3.5.1 to 3.5.3.
///
/// ```toml
/// [default.session.cross_site]
/// trusted = ["https://accounts.example.com"]
/// exempt = ["/saml/callback"]
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CrossSiteConfig {
    /// The origins whose pages may act as the application's own do: `"https://accounts.example.com"`. None.
    pub trusted: Vec<String>,
    /// The paths where nothing is refused, with everything below them: `"/saml/callback"`, where the page of another
    /// origin sends a form that signs its visitor in. What is routed there must tell by itself whom it obeys. None.
    pub exempt: Vec<String>,
    /// Whether pages of every origin may act, which leaves it to `cookie.same_site` and the application to keep them
    /// from it. No (OWASP ASVS 3.5.1).
    pub insecure_allow: bool,
}

impl CrossSiteConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if self.trusted.iter().any(|origin| Origin::parse(origin).is_none()) {
            return Err(invalid(
                "cross_site.trusted",
                "origins such as `https://app.example.com`, without `/` at the end",
            ));
        }
        if self.exempt.iter().any(|path| exempt(path).is_none()) {
            return Err(invalid(
                "cross_site.exempt",
                "paths such as `/callback`, in ASCII; for all paths, set `cross_site.insecure_allow`",
            ));
        }
        if self.insecure_allow && !(self.trusted.is_empty() && self.exempt.is_empty()) {
            return Err(contradiction(
                "cross_site.insecure_allow",
                "leaves `cross_site.trusted` and `cross_site.exempt` without effect",
                "write false, or leave those out".into(),
            ));
        }
        Ok(())
    }
}
