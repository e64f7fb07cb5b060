//! The same small application on every library: `/` signs in, `/read` and `/write` use the session.

mod actix;
mod flex;
mod local;
mod tower;
mod typed;

use std::rc::Rc;

use rocket::async_trait;

use crate::case::{Framework, Library, Storage};
use crate::servers::Servers;

/// An application that is asked in its own process.
#[async_trait(?Send)]
pub(crate) trait App {
    /// Sends a request, with a cookie as `name=value`.
    async fn ask(&self, path: &'static str, cookie: Option<&str>) -> Answer;
}

/// What a request is answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    /// As `name=value`.
    pub(crate) cookie: Option<String>,
}

/// Returns the application of a framework that knows no sessions.
pub(crate) async fn bare(framework: Framework) -> Rc<dyn App> {
    match framework {
        Framework::Rocket => local::bare().await,
        Framework::Axum => tower::bare(),
        Framework::Actix => actix::bare().await,
    }
}

/// Returns the application of a library.
pub(crate) async fn with_sessions(library: Library, storage: Storage, servers: &Servers) -> Rc<dyn App> {
    match library {
        Library::Typed => typed::app(storage, servers).await,
        Library::Flex => flex::app(storage, servers).await,
        Library::Tower => tower::app(storage, servers).await,
        Library::Actix => actix::app(servers).await,
    }
}

/// Returns `name=value` of a `Set-Cookie` header.
fn pair(header: &str) -> String {
    header.split(';').next().unwrap_or_default().to_owned()
}
