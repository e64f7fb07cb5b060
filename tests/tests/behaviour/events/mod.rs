//! What is told and logged of sessions.

mod ends;
mod failures;
mod freed;
mod life;
mod log;
mod refused;

use std::sync::Arc;
use std::time::Duration;

use rocket::http::Method::{self, Get, Post};
use rocket::tokio::time::{sleep, timeout};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, Operation, When};
use rocket_typed_session::{Clock, Config, EndedBy, EventKind, Handle, RefusedCookie, SessionError, StorageError};
use rocket_typed_session_tests::{Answer, Browser, Site, Told, User, logs, overtake};

const COOKIE: &str = "__Host-session";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Where the requests come from of which is told.
const IP: &str = "192.0.2.7";

async fn send(browser: &Browser<'_>, method: Method, page: &str) -> Answer {
    browser.send(method, page, &[("X-Real-IP", IP)]).await
}

/// Lets a moment pass, and forgets what was told before.
fn later(site: &Site) {
    site.clock.advance(SECOND);
    site.events();
}

/// Returns what is told now of a session, and of a request from `IP`.
fn told(site: &Site, kind: EventKind, handle: Handle, identifier: &str) -> Told {
    Told::new(kind, site.clock.now()).of(handle).whose(identifier).from_ip(IP)
}
