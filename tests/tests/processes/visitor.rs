//! Somebody who visits processes of the portal with one browser.

use std::sync::Mutex;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use hyper::http::request::Builder;
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::portal::Portal;

const COOKIE_NAME: &str = "__Host-session=";

/// Somebody with a browser, which keeps the session's cookie.
pub(crate) struct Visitor {
    client: Client<HttpConnector, Full<Bytes>>,
    token: Mutex<Option<String>>,
}

/// What a process answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Bytes,
}

/// An answer that goes on.
pub(crate) struct Stream(Incoming);

impl Stream {
    /// Returns what came until it was over.
    pub(crate) async fn rest(self) -> String {
        String::from_utf8(self.0.collect().await.unwrap().to_bytes().into()).unwrap()
    }
}

impl Visitor {
    /// Returns somebody who is signed in.
    pub(crate) async fn signed_in(name: &str, portal: &Portal) -> Self {
        // A request whose process died is not sent again.
        let client = Client::builder(TokioExecutor::new()).retry_canceled_requests(false).build_http();
        let visitor = Self { client, token: Mutex::default() };
        visitor.sign_in(name, portal).await;
        visitor
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, name: &str, portal: &Portal) {
        let answer = self.post(portal, "/login", &format!("name={name}&password={name}")).await.unwrap();
        assert_eq!(answer.status, 303, "{answer:?}");
    }

    /// Returns somebody else with the same cookie.
    pub(crate) fn copy(&self) -> Self {
        Self { client: self.client.clone(), token: Mutex::new(self.token.lock().unwrap().clone()) }
    }

    /// Returns what a page answers; nothing if its process dies.
    pub(crate) async fn get(&self, portal: &Portal, path: &str) -> Option<Answer> {
        self.send(Request::get(portal.address(path)), "").await
    }

    /// Opens a stream.
    pub(crate) async fn open(&self, portal: &Portal, path: &str) -> Stream {
        let response = self.ask(Request::get(portal.address(path)), "").await.unwrap();
        assert_eq!(response.status(), 200);
        Stream(response.into_body())
    }

    /// Returns what a form is answered with; nothing if the process dies.
    pub(crate) async fn post(&self, portal: &Portal, path: &str, form: &str) -> Option<Answer> {
        self.send(Request::post(portal.address(path)), form).await
    }

    /// Returns the own session, as a process shows it.
    pub(crate) async fn me(&self, portal: &Portal) -> Value {
        let answer = self.get(portal, "/api/me").await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Asserts that a process sees no session.
    pub(crate) async fn is_nobody(&self, portal: &Portal) {
        assert_eq!(self.get(portal, "/api/me").await.unwrap().status, 401);
    }

    async fn send(&self, request: Builder, form: &str) -> Option<Answer> {
        let response = self.ask(request, form).await?;
        let status = response.status().as_u16();
        Some(Answer { status, body: response.into_body().collect().await.ok()?.to_bytes() })
    }

    /// Returns an answer once it begins.
    async fn ask(&self, mut request: Builder, form: &str) -> Option<Response<Incoming>> {
        if let Some(token) = &*self.token.lock().unwrap() {
            request = request.header(COOKIE, format!("{COOKIE_NAME}{token}"));
        }
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = self.client.request(request.body(form.to_owned().into()).unwrap()).await.ok()?;
        self.keep(response.headers());
        Some(response)
    }

    fn keep(&self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let Some(value) = cookie.strip_prefix(COOKIE_NAME) else { continue };
            let token = value.split(';').next().filter(|_| !cookie.contains("Max-Age=0")).map(str::to_owned);
            *self.token.lock().unwrap() = token;
        }
    }
}
