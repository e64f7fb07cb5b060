//! Whatever the headers of a request hold, nobody is taken for somebody whose token is not in them where it counts, and
//! no page of another origin acts with a session.

use rocket::http::Method;
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::{get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Session, SessionError};

use crate::App;

/// The headers that a request may have, which are those that are looked at.
const NAMES: [&str; 6] = ["Authorization", "Cookie", "Host", "Origin", "Sec-Fetch-Site", "Upgrade"];

const COOKIE: &str = "__Host-session=";

#[derive(Clone, Session)]
#[session(required)]
struct Member {
    #[session(identifier)]
    id: u8,
}

#[get("/me")]
fn me(member: &Member) -> String {
    member.id.to_string()
}

#[post("/me")]
fn act(member: &Member) -> String {
    member.id.to_string()
}

#[post("/login/<id>")]
fn login(session: Session<'_, Member>, id: u8) {
    session.start(Member { id });
}

#[post("/token/<id>")]
async fn token(session: Session<'_, Member>, id: u8) -> Result<String, SessionError> {
    session.start(Member { id });
    Ok(session.bearer().await?.as_str().to_owned())
}

/// An application with a session that has a cookie, 1, and one that has a bearer token, 2.
struct Visited {
    runtime: Runtime,
    app: App,
    cookie: String,
    bearer: String,
}

thread_local! {
    static VISITED: Visited = Visited::new();
}

impl Visited {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (app, cookie, bearer) = runtime.block_on(async {
            let app = App::builder()
                .config(|config| config.bearer = true)
                .sessions::<Member>(MemoryStorage::new())
                .mount(routes![me, act, login, token])
                .open()
                .await;
            let browser = app.browser();
            browser.post("/login/1").await;
            let cookie = browser.token();
            let bearer = app.browser().post("/token/2").await.body;
            (app, cookie, bearer)
        });
        Self { runtime, app, cookie, bearer }
    }

    /// Reads `name:value` in a line; `$` stands for the token of the cookie, `&` for the other.
    fn headers(&self, text: &str) -> Vec<(&'static str, String)> {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let known = lines.filter_map(|(name, value)| {
            let name = NAMES.into_iter().find(|known| known.starts_with(name))?;
            Some((name, value.replace('$', &self.cookie).replace('&', &self.bearer)))
        });
        known.collect()
    }

    fn check(&self, text: &str) {
        let headers = self.headers(text);
        for method in [Method::Get, Method::Post] {
            let who = self.send(method, &headers);
            let all = |name| headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str());
            match who {
                None => {}
                Some(1) => {
                    assert!(
                        all("Cookie").any(|cookie| cookie.contains(&format!("{COOKIE}{}", self.cookie))
                            || cookie.contains(&format!("{COOKIE}\"{}", self.cookie))),
                        "the cookie of 1: {headers:?}"
                    );
                    assert!(
                        !bearers(all("Authorization")).any(|_| true),
                        "beside a bearer token no cookie counts: {headers:?}"
                    );
                    let foreign =
                        all("Sec-Fetch-Site").next().is_some_and(|site| !matches!(site, "same-origin" | "none"));
                    let acts = method == Method::Post || all("Upgrade").next().is_some();
                    assert!(!(foreign && acts && all("Origin").next().is_none()), "a foreign page acts: {headers:?}");
                }
                Some(2) => {
                    let tokens: Vec<&str> = bearers(all("Authorization")).collect();
                    assert_eq!(tokens, [self.bearer.as_str()], "the bearer token of 2: {headers:?}");
                }
                Some(other) => panic!("{other} has no session: {headers:?}"),
            }
        }
    }

    /// Returns who a request is taken for.
    fn send(&self, method: Method, headers: &[(&'static str, String)]) -> Option<u8> {
        let (code, body) = self.runtime.block_on(async {
            let mut request = self.app.client().req(method, "/me");
            for (name, value) in headers {
                request.add_header(rocket::http::Header::new(*name, value.clone()));
            }
            let answer = request.dispatch().await;
            (answer.status().code, answer.into_string().await.unwrap_or_default())
        });
        self.app.events();
        assert!(matches!(code, 200 | 401 | 403), "answered {code} to {headers:?}");
        body.parse().ok().filter(|_| code == 200)
    }
}

/// Returns the tokens of `Authorization` headers of the scheme `Bearer`.
fn bearers<'h>(values: impl Iterator<Item = &'h str>) -> impl Iterator<Item = &'h str> {
    values.filter_map(|value| {
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
    })
}

/// Sends bytes as the headers of a request to read, and of one to act.
///
/// # Panics
///
/// Panics if somebody is taken for whom the headers do not prove, or a foreign page acts.
pub fn headers(bytes: &[u8]) {
    VISITED.with(|visited| visited.check(&String::from_utf8_lossy(bytes)));
}
