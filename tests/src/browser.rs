//! A browser: it keeps cookies as browsers do, and sends them in a header.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rocket::http::{ContentType, Header, Method, Status};
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket_typed_session::Handle;

use crate::credentials;
use crate::set_cookie::SetCookie;

/// A browser that visits a site.
pub struct Browser<'s> {
    client: &'s Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What a request was answered with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// The `Set-Cookie` headers, whole.
    pub cookies: Vec<String>,
    /// All headers, by name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl<'s> Browser<'s> {
    /// Returns a browser without cookies.
    pub fn new(client: &'s Client) -> Self {
        Self { client, cookies: Mutex::default() }
    }

    /// Returns a browser with the same cookies that visits another application, as after a deployment.
    pub fn visiting<'o>(&self, client: &'o Client) -> Browser<'o> {
        Browser { client, cookies: Mutex::new(self.cookies.lock().clone()) }
    }

    /// Returns another browser with the same cookies.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { client: self.client, cookies: Mutex::new(self.cookies.lock().clone()) }
    }

    /// Returns the value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().get(name).cloned()
    }

    /// Returns the value of the cookie of `User`, which must be there.
    ///
    /// # Panics
    ///
    /// Panics if it is not.
    pub fn token(&self) -> String {
        self.cookie("__Host-session").expect("a session cookie")
    }

    /// Returns the public name of the session of `User`, which must be there.
    ///
    /// # Panics
    ///
    /// Panics if it is not.
    pub async fn handle(&self) -> Handle {
        self.get("/handle").await.body.parse().expect("a session")
    }

    /// Sets a cookie, as somebody who can write into the jar would.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().insert(name.into(), value.into());
    }

    /// Visits a page.
    pub async fn get(&self, uri: &str) -> Answer {
        Box::pin(self.send(Method::Get, uri, &[])).await
    }

    /// Visits a page, for the headers alone.
    pub async fn head(&self, uri: &str) -> Answer {
        Box::pin(self.send(Method::Head, uri, &[])).await
    }

    /// Sends an empty form.
    pub async fn post(&self, uri: &str) -> Answer {
        Box::pin(self.send(Method::Post, uri, &[])).await
    }

    /// Sends a request with more headers, and keeps the cookies of the answer.
    pub async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.req(method, uri.to_owned()).header(ContentType::Form);
        let cookies: Vec<String> = self.cookies.lock().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            let cookies = cookies.join("; ");
            credentials::see(&cookies);
            request.add_header(Header::new("Cookie", cookies));
        }
        for (name, value) in headers {
            credentials::see(value);
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        let answer = Answer::of(request.dispatch().await).await;
        self.keep(&answer);
        answer
    }

    fn keep(&self, answer: &Answer) {
        for text in answer.cookies.iter().chain([&answer.body]) {
            credentials::see(text);
        }
        let mut jar = self.cookies.lock();
        for cookie in &answer.cookies {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if attributes.split(';').any(|attribute| attribute.trim() == "Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.into(), value.into());
            }
        }
    }
}

impl Answer {
    async fn of(response: LocalResponse<'_>) -> Self {
        let status = response.status();
        let headers: Vec<_> =
            response.headers().iter().map(|header| (header.name().to_string(), header.value().to_owned())).collect();
        let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
        let cookies = named.map(|(_, value)| value.clone()).collect();
        let body = response.into_string().await.unwrap_or_default();
        Self { status, cookies, headers, body }
    }

    /// Returns the values of a header, joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let named = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let values: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Returns the cookie of a name that the answer sets or removes.
    ///
    /// # Panics
    ///
    /// Panics if there are several.
    pub fn set_cookie(&self, name: &str) -> Option<SetCookie> {
        let parsed = self.cookies.iter().map(|text| SetCookie::parse(text));
        let mut named: Vec<SetCookie> = parsed.filter(|cookie| cookie.name == name).collect();
        assert!(named.len() <= 1, "one cookie of a name: {:?}", self.cookies);
        named.pop()
    }

    /// Returns everything of the answer but the cookies that it sets.
    pub fn visible(&self) -> String {
        let plain = self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Set-Cookie"));
        let headers: Vec<String> = plain.map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} {}\n{}\n\n{}", self.status.code, self.status.reason_lossy(), headers.join("\n"), self.body)
    }

    /// Returns the status's number.
    pub fn code(&self) -> u16 {
        self.status.code
    }
}
