//! Where a page is from.

use std::net::IpAddr;

use rocket::Request;
use rocket::http::uri::Absolute;

use super::host;

/// The scheme, host and port of a page (RFC 6454, section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    /// The port, the scheme's own where none is written.
    port: Option<u16>,
}

impl Origin {
    /// Reads an origin as browsers write it: `https://example.com:8443`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uri = Absolute::parse(text).ok()?;
        let authority = uri.authority()?;
        let alone = uri.path().is_empty() && uri.query().is_none() && authority.user_info().is_none();
        // What stands for several, or for none, is no origin.
        if !alone || authority.host().is_empty() || authority.host().contains(['*', '%']) {
            return None;
        }
        let scheme = uri.scheme().to_ascii_lowercase();
        let port = authority.port().or_else(|| default_port(&scheme));
        Some(Self { host: authority.host().to_ascii_lowercase(), port, scheme })
    }

    /// Returns whether the page is from the host that a request was sent to; `secure` says that the request came over
    /// HTTPS or from this machine, since it has a cookie that is sent nowhere else.
    pub(super) fn serves(&self, request: &Request<'_>, secure: bool) -> bool {
        let fits = match &*self.scheme {
            "https" => true,
            "http" => !secure || self.is_local(),
            _ => false,
        };
        fits && host(request).is_some_and(|host| {
            // Where the port is not written it is that of the scheme, of which the request does not tell.
            let port = host.port().or_else(|| default_port(&self.scheme));
            host.domain() == self.host.as_str() && port == self.port
        })
    }

    /// Returns whether this machine is its own host, for which browsers ask for no HTTPS.
    fn is_local(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}
