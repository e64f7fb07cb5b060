//! Events as `tracing` events.

use std::io::{self, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use rocket_typed_session::testing::{Fault, Operation};
use rocket_typed_session_tests::{Site, credentials};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::fmt::MakeWriter;

/// What was traced on this thread.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Traced {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Traced {
    /// Traces at every level, for as long as the guard lives.
    fn begin() -> (Self, DefaultGuard) {
        let traced = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(traced.clone());
        let guard = set_default(subscriber.finish());
        (traced, guard)
    }

    /// Returns the lines of this library's events so far, and forgets them.
    fn take(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock())).unwrap();
        text.lines()
            .filter(|line| line.contains("rocket_typed_session::event"))
            .map(|line| line.trim().into())
            .collect()
    }
}

#[rocket::async_test]
async fn every_event_is_traced_with_its_fields() {
    let (traced, _guard) = Traced::begin();
    let site = Site::open().await;
    let browser = site.browser();
    browser.send(rocket::http::Method::Post, "/login/7/member", &[("X-Real-IP", "192.0.2.7")]).await;
    let lines = traced.take();
    let handle = browser.get("/handle").await.body;
    let at = site.clock.timestamp().as_millis();
    let expected = format!(
        "INFO rocket_typed_session::event: event=\"created\" session=\"session\" handle={handle} identifier=\"7\" \
         ip=192.0.2.7 at={at}"
    );
    assert_eq!(lines, [expected]);

    browser.post("/logout").await;
    assert!(traced.take().concat().ends_with(" by=\"owner\""));
    site.faults().fail(Operation::Load, Fault::Before);
    site.member(8).await.get("/me").await;
    let lines = traced.take();
    assert!(lines[1].starts_with("ERROR ") && lines[1].contains("event=\"storage_failed\""), "{lines:?}");
    assert!(lines[1].ends_with("reason=\"the session storage failed\""), "{lines:?}");
}

#[rocket::async_test]
async fn refusals_are_traced_as_often_as_they_are_logged() {
    let (traced, _guard) = Traced::begin();
    let site = Site::open().await;
    let browser = site.browser();
    browser.set_cookie("__Host-session", "nonsense");
    for _ in 0..50 {
        browser.get("/me").await;
    }
    let lines = traced.take();
    assert_eq!(lines.len(), 10);
    assert!(lines[0].starts_with("WARN ") && lines[0].ends_with("reason=\"malformed\""), "{}", lines[0]);
    site.clock.advance(std::time::Duration::from_mins(1));
    browser.get("/me").await;
    assert!(traced.take()[0].ends_with("reason=\"malformed\" withheld=40"));
}

/// T-06: nothing of a cookie and no field that is secret, at any level.
#[rocket::async_test]
async fn t_06_no_secret_is_traced() {
    let (traced, _guard) = Traced::begin();
    let site = Site::open().await;
    let browser = site.member(7).await;
    let mut tokens = vec![browser.token()];
    for page in ["/theme/dark", "/phone/0448342222", "/rotate", "/role/admin", "/authenticate", "/logout/500"] {
        browser.post(page).await;
        tokens.extend(browser.cookie("__Host-session"));
    }
    let text = String::from_utf8(std::mem::take(&mut *traced.0.lock())).unwrap();
    assert!(text.contains("event=\"rotated\"") && text.contains("event=\"ended\""), "{text}");
    credentials::assert_absent(tokens.iter().map(String::as_str), &text);
    for secret in tokens.iter().map(String::as_str).chain(["+41 44 668 18 00", "0448342222"]) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
