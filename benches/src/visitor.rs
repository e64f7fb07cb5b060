//! Who sends the requests.

use std::time::Duration;

use rocket::http::{Header, Method, Status};
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::tokio::runtime::{Builder, Runtime};

use crate::app::Library;
use crate::case::{Case, Scenario, Sender};

/// Returns a runtime on the calling thread, so that every run does the same in the same order.
///
/// # Panics
///
/// If the system refuses one.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The headers of a browser, beside its cookies.
const HEADERS: [(&str, &str); 9] = [
    ("Host", "www.example.org"),
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    ),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.9"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Referer", "https://www.example.org/"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
];

/// Sends one kind of request to one application.
pub struct Visitor {
    client: Client,
    method: Method,
    headers: Vec<Header<'static>>,
    /// The name and the value of the cookie.
    cookie: Option<(&'static str, String)>,
}

impl Visitor {
    /// Starts the application with sessions that outlive the visitor, signs in if the case asks for a cookie, and checks the first answers.
    ///
    /// # Panics
    ///
    /// If the application does not do what the case says.
    pub async fn new(case: Case) -> Self {
        Self::with_life(case, Duration::from_hours(24)).await
    }

    /// Does the same with sessions that live so long.
    ///
    /// # Panics
    ///
    /// If the application does not do what the case says.
    pub async fn with_life(case: Case, life: Duration) -> Self {
        let method = if case.scenario == Scenario::Login { Method::Post } else { Method::Get };
        let client = client(case.host(), case.scenario, life).await;
        let cookie = if !case.scenario.has_cookie() {
            None
        } else if case.host() == case.library {
            Some(sign_in(&client, case.library).await)
        } else {
            Some(sign_in(&self::client(case.library, case.scenario, life).await, case.library).await)
        };
        let headers = headers(case.sender, cookie.as_ref());
        let visitor = Self { client, method, headers, cookie };
        if case.library != Library::Bare {
            visitor.check(case).await;
        }
        visitor
    }

    /// Sends one request and waits for the head of its answer.
    pub async fn visit(&self) -> LocalResponse<'_> {
        let mut request = self.client.req(self.method, "/");
        if let Some((name, value)) = &self.cookie {
            request = request.cookie((*name, value.as_str()));
        }
        for header in &self.headers {
            request.add_header(header.clone());
        }
        request.dispatch().await
    }

    /// Signs in somebody who has not been here before.
    ///
    /// # Panics
    ///
    /// If the application refuses.
    pub async fn sign_in(&self) {
        let response = self.client.post("/").dispatch().await;
        assert_eq!(response.status(), Status::Ok, "a sign-in");
    }

    async fn check(&self, case: Case) {
        for expected in case.scenario.answers() {
            let answer = self.visit().await.into_string().await;
            assert_eq!(answer.as_deref(), Some(expected), "{case}");
        }
    }
}

/// Returns the headers that are sent; Rocket's server hands on that of the cookies, too.
fn headers(sender: Sender, cookie: Option<&(&'static str, String)>) -> Vec<Header<'static>> {
    match sender {
        Sender::Local => Vec::new(),
        Sender::Browser => {
            let headers = HEADERS.iter().map(|(name, value)| Header::new(*name, *value));
            headers.chain(cookie.map(|(name, value)| Header::new("Cookie", format!("{name}={value}")))).collect()
        }
    }
}

async fn client(library: Library, scenario: Scenario, life: Duration) -> Client {
    Client::untracked(library.app(scenario, life)).await.expect("an application that launches")
}

async fn sign_in(client: &Client, library: Library) -> (&'static str, String) {
    let response = client.post("/").dispatch().await;
    let cookie = response.cookies().get(library.cookie()).expect("a cookie for who signs in");
    (library.cookie(), cookie.value().to_owned())
}
