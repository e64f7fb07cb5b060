//! Whatever a `Cookie` header holds, only a session's own token is a session, and nothing else reaches the storage.

use std::collections::BTreeSet;

use rocket::http::Header;
use rocket::tokio::runtime::{Builder, Runtime};

use crate::Site;

const NAME: &str = "__Host-session=";

/// The most cookies of a name that are looked at.
const MOST: usize = 4;

/// A site with two sessions.
struct Visited {
    runtime: Runtime,
    site: Site,
    tokens: [String; 2],
}

thread_local! {
    static VISITED: Visited = Visited::new();
}

impl Visited {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (site, tokens) = runtime.block_on(async {
            let site = Site::open().await;
            let tokens = [site.member(1).await.token(), site.member(2).await.token()];
            (site, tokens)
        });
        Self { runtime, site, tokens }
    }

    fn check(&self, header: &str) {
        let expected = self.expected(header);
        self.site.storage.clear();
        let (code, body) = self.runtime.block_on(async {
            let request = self.site.client().get("/me").header(Header::new("Cookie", header.to_owned()));
            let answer = request.dispatch().await;
            (answer.status().code, answer.into_string().await.unwrap_or_default())
        });
        self.site.events();
        let id = body.split(' ').next().filter(|_| code == 200).and_then(|id| id.parse().ok());
        assert!(code == 200 || code == 401, "answered {code} to {header:?}");
        assert_eq!(id, expected, "whose session {header:?} is; answered {body:?}");
        assert_eq!(self.site.storage.calls().len(), usize::from(id.is_some()), "calls of the storage by {header:?}");
    }

    /// Returns whose session a header presents.
    fn expected(&self, header: &str) -> Option<usize> {
        let values: Vec<&str> = header.split(';').filter_map(|pair| pair.trim_ascii().strip_prefix(NAME)).collect();
        let plain = |value: &str| value.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        let values: Vec<String> = values.into_iter().map(|value| plain(value).unwrap_or(value.into())).collect();
        let own = values.iter().filter_map(|value| self.tokens.iter().position(|token| token == value));
        match own.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()[..] {
            [token] if values.len() <= MOST => Some(token + 1),
            _ => None,
        }
    }
}

/// Sends bytes as a `Cookie` header; `$` and `&` stand for the tokens of two sessions.
///
/// # Panics
///
/// Panics if the answer is not the one that the cookies in it deserve.
pub fn cookie(bytes: &[u8]) {
    VISITED.with(|visited| {
        let header = String::from_utf8_lossy(bytes).replace('$', &visited.tokens[0]).replace('&', &visited.tokens[1]);
        visited.check(&header);
    });
}
