//! Where a request comes from.

use std::net::IpAddr;
use std::sync::Arc;

use rocket::Request;

use crate::record::Client;

/// Who made a request. It is asked only where it matters, since to find out costs more than most requests do.
pub(crate) trait Peer: Send + Sync {
    /// Returns the address that the request comes from, which events tell.
    fn ip(&self) -> Option<IpAddr>;

    /// Returns where the request comes from, which is written with a use of its session.
    fn client(&self) -> Option<Arc<Client>>;
}

impl Peer for Request<'_> {
    fn ip(&self) -> Option<IpAddr> {
        self.client_ip()
    }

    fn client(&self) -> Option<Arc<Client>> {
        Client::of(self).map(Arc::new)
    }
}

impl Client {
    /// The longest user agent that is kept, in bytes.
    const AGENT: usize = 256;

    fn of(request: &Request<'_>) -> Option<Self> {
        let ip = request.client_ip();
        let agent = request.headers().get_one("User-Agent").map(|agent| cut(agent, Self::AGENT).to_owned());
        (ip.is_some() || agent.is_some()).then_some(Self { ip, agent })
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}
