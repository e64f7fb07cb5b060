//! Requests from other origins, which must not act with the session of whoever makes them unknowingly.
//!
//! A form or script of any page can make a visitor's browser send a request, and the browser adds the visitor's
//! cookies: cross-site request forgery. Browsers say where a request comes from in headers that no page can set, and
//! that is all that is looked at here. The rule is that of Go's `http.CrossOriginProtection`, which the OWASP
//! Cross-Site Request Forgery Prevention Cheat Sheet describes as Fetch Metadata with a fallback to `Origin`.

mod origin;
mod refusal;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use rocket::Request;
use rocket::http::Method;
use rocket::http::uri::{self, Host};

pub(crate) use self::origin::Origin;
pub(crate) use self::refusal::mount;

use crate::config::CrossSiteConfig;
use crate::cookie::carries;
use crate::core::Core;
use crate::event::{EventKind, RefusedCookie};

/// Which requests of other origins may act with a session.
#[derive(Debug)]
pub(crate) struct CrossSite {
    trusted: Vec<Origin>,
    exempt: Vec<uri::Origin<'static>>,
    /// Whether the cookie comes over HTTPS only, or from this machine.
    secure: bool,
}

impl CrossSite {
    /// Returns the rules of a valid configuration, or nothing if every request may act.
    pub(crate) fn new(config: &CrossSiteConfig, secure: bool) -> Option<Self> {
        (!config.insecure_allow).then(|| Self {
            trusted: config.trusted.iter().filter_map(|origin| Origin::parse(origin)).collect(),
            exempt: config.exempt.iter().filter_map(|path| exempt(path)).collect(),
            secure,
        })
    }

    fn refuses(&self, request: &Request<'_>) -> bool {
        self.is_foreign(request) && !self.exempts(request)
    }

    fn is_foreign(&self, request: &Request<'_>) -> bool {
        let site = request.headers().get_one("Sec-Fetch-Site");
        let origin = request.headers().get_one("Origin");
        // What sends neither is no browser, and nobody else can be made to send another's cookies.
        if matches!(site, Some("same-origin" | "none")) || (site.is_none() && origin.is_none()) {
            return false;
        }
        // `null`, among what is none: a page that hides where it is from.
        let Some(origin) = origin.and_then(Origin::parse) else { return true };
        // `same-site` is foreign, too: what another host or port of the domain serves is not this application.
        let own = site.is_none() && origin.serves(request, self.secure);
        !own && !self.trusted.contains(&origin)
    }

    fn exempts(&self, request: &Request<'_>) -> bool {
        let path = request.uri().path();
        self.exempt.iter().any(|exempt| exempt.path().segments().prefix_of(path.segments()))
    }
}

/// Reads a path under which nothing is refused: in ASCII, from the root, and not that.
pub(crate) fn exempt(path: &str) -> Option<uri::Origin<'static>> {
    let uri = uri::Origin::parse_owned(path.to_owned()).ok()?;
    (uri.query().is_none() && !uri.path().segments().is_empty()).then_some(uri)
}

/// Refuses a request of another origin that would act with the cookie of a session, before it is routed.
#[inline]
pub(crate) fn check(core: &Core, request: &mut Request<'_>) {
    if acts(request) {
        examine(core, request);
    }
}

/// Returns whether a request of another origin would act. What carries no cookie is let through, and signs nobody in.
#[inline]
pub(crate) fn is_foreign(core: &Core, request: &Request<'_>) -> bool {
    acts(request) && core.cross_site.as_ref().is_some_and(|rules| rules.refuses(request))
}

#[cold]
fn examine(core: &Core, request: &mut Request<'_>) {
    let Some(rules) = &core.cross_site else { return };
    if carries(request, core.cookie.name()) && rules.refuses(request) && refusal::refuse(request) {
        core.tell(EventKind::Refused(RefusedCookie::CrossSite), None, None, request.client_ip());
    }
}

/// Returns whether a request may do something: its method is not safe (RFC 9110, section 9.2.1), or it asks for
/// another protocol, such as `WebSocket`, over which anything may be done then and to which no other rule applies.
#[inline]
fn acts(request: &Request<'_>) -> bool {
    match request.method() {
        Method::Get => request.headers().contains("Upgrade"),
        Method::Head | Method::Options | Method::Trace => false,
        _ => true,
    }
}

/// Returns the host that a request was sent to. `Host` is what some proxies send in the place of `:authority` (RFC
/// 9113, section 8.3.1), and Rocket's local client. `X-Forwarded-Host` is not looked at: anybody may send it.
fn host<'r>(request: &'r Request<'_>) -> Option<Host<'r>> {
    let known = request.host().cloned();
    known.or_else(|| Host::parse(request.headers().get_one("Host")?).ok())
}
