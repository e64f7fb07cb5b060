//! The portal on a clock to set, and browsers that keep cookies.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rocket::http::{ContentType, Cookie, Header};
use rocket::local::asynchronous::{Client, LocalRequest};
use rocket_typed_session::Sessions;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{FaultStorage, ParkStorage, TestClock};
use rocket_typed_session_examples::portal::{self, Guest, User};
use serde_json::Value;

/// Where the users' sessions are: in memory, as long as nothing else is asked for.
type Storage = ParkStorage<FaultStorage<MemoryStorage>>;

/// The portal, of this test alone.
pub(crate) struct Portal {
    client: Client,
    pub(crate) clock: TestClock,
    pub(crate) storage: Arc<Storage>,
}

impl Portal {
    pub(crate) async fn launch() -> Self {
        let clock = TestClock::new();
        let storage = Arc::new(Storage::new(FaultStorage::new(MemoryStorage::new())));
        let users = Sessions::<User>::builder().clock(clock.clone()).storage(storage.clone());
        let guests = Sessions::<Guest>::builder().clock(clock.clone());
        let rocket = portal::build(rocket::build(), users, guests);
        Self { client: Client::untracked(rocket).await.expect("the portal launches"), clock, storage }
    }

    /// Returns a browser without cookies.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { portal: self, agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", jar: RefCell::default() }
    }

    /// Returns a browser in which somebody is signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser<'_> {
        let browser = self.browser();
        browser.sign_in(name).await;
        browser
    }
}

/// A browser: it keeps what `Set-Cookie` says, and sends it back.
pub(crate) struct Browser<'p> {
    portal: &'p Portal,
    pub(crate) agent: &'static str,
    jar: RefCell<BTreeMap<String, String>>,
}

impl Browser<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.portal.client.get(path.to_owned())).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(self.portal.client.post(path.to_owned()).header(ContentType::Form).body(form)).await
    }

    /// Sends a form of a page of another site.
    pub(crate) async fn forged(&self, path: &str, form: &str) -> Answer {
        let request = self.portal.client.post(path.to_owned()).header(ContentType::Form).body(form);
        self.send(request.header(Header::new("Sec-Fetch-Site", "cross-site"))).await
    }

    /// Sends JSON, which the portal does not take.
    pub(crate) async fn post_json(&self, path: &str, json: &str) -> Answer {
        self.send(self.portal.client.post(path.to_owned()).header(ContentType::JSON).body(json)).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Answer {
        let answer = self.post("/login", &format!("name={name}&password={name}")).await;
        assert_eq!((answer.status, answer.header("Location")), (303, Some("/")));
        answer
    }

    /// Returns what `GET /api/me` says.
    pub(crate) async fn me(&self) -> Value {
        let answer = self.get("/api/me").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.borrow().get(name).cloned()
    }

    /// Returns a browser with a copy of the cookies: another tab, or a thief.
    pub(crate) fn copy(&self) -> Self {
        Self { portal: self.portal, agent: self.agent, jar: self.jar.clone() }
    }

    async fn send(&self, request: LocalRequest<'_>) -> Answer {
        let cookies = self.jar.borrow().clone();
        let request = request.header(Header::new("User-Agent", self.agent)).cookies(cookies);
        let response = request.dispatch().await;
        let headers = response.headers().iter().map(|header| (header.name.to_string(), header.value.to_string()));
        let headers: Vec<(String, String)> = headers.collect();
        let status = response.status().code;
        let answer = Answer { status, headers, body: response.into_string().await.unwrap_or_default() };
        self.keep(&answer);
        answer
    }

    fn keep(&self, answer: &Answer) {
        for text in answer.set_cookies() {
            let cookie = Cookie::parse(text.to_owned()).expect("a cookie that can be parsed");
            let mut jar = self.jar.borrow_mut();
            match cookie.max_age() {
                Some(age) if age.is_zero() => jar.remove(cookie.name()),
                _ => jar.insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
    }
}

/// What the portal answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| &*header.1)
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let is_cookie = |name: &str| name.eq_ignore_ascii_case("set-cookie");
        self.headers.iter().filter(|header| is_cookie(&header.0)).map(|header| &*header.1).collect()
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("Content-Type"), Some("application/json"));
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Asserts that this is an error as programs get it.
    pub(crate) fn is_error(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.json()), (status, serde_json::json!({ "error": error })));
    }

    /// Asserts that this is a page, whose text includes this.
    pub(crate) fn is_page(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("Content-Type"), Some("text/html; charset=utf-8"));
        assert!(self.body.contains(text), "no `{text}` in {}", self.body);
    }

    /// Asserts that this leads on to a page.
    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!((self.status, self.header("Location")), (303, Some(path)), "{}", self.body);
    }

    /// Asserts that nothing is said, and all is well.
    pub(crate) fn is_empty(&self) {
        assert_eq!((self.status, &*self.body), (204, ""));
    }
}
