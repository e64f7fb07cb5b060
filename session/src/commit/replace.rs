//! Replacing a response whose session could not be committed.

use std::panic::AssertUnwindSafe;

use rocket::catcher::Catcher;
use rocket::futures::FutureExt;
use rocket::http::Status;
use rocket::response::Body;
use rocket::{Request, Response};

use super::headers;

/// The headers that belong to the handler's answer. Those of other fairings stay.
const OF_THE_ANSWER: [&str; 16] = [
    "Set-Cookie",
    "Location",
    "Refresh",
    "Authorization",
    "WWW-Authenticate",
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Last-Modified",
    "Cache-Control",
    "Expires",
];

/// Replaces a response by that of the application's own catcher for a status; without one it has no body.
pub(super) async fn replace<'r>(request: &'r Request<'_>, response: &mut Response<'r>, status: Status) {
    // An upgrade would go past the new status; `merge` takes over everything but that.
    let answer = std::mem::replace(response, Response::new());
    response.merge(answer);
    for name in OF_THE_ANSWER {
        response.remove_header(name);
    }
    *response.body_mut() = Body::default();
    response.set_status(status);
    if let Some(caught) = catch(request, status).await {
        response.merge(caught);
    }
    headers::restore_cookies(request, response);
}

async fn catch<'r>(request: &'r Request<'_>, status: Status) -> Option<Response<'r>> {
    let catcher = catcher(request, status)?;
    let caught = AssertUnwindSafe(catcher.handler.handle(status, request)).catch_unwind().await;
    let Ok(Ok(mut response)) = caught else {
        log::error!("the catcher {catcher} failed; the response has no body");
        return None;
    };
    // A catcher may redirect, to the page to sign in at say; to claim success it may not.
    if response.status().class().is_success() {
        response.set_status(status);
    }
    Some(response)
}

/// Finds a catcher by Rocket's rule: the longest base that is a prefix of the path; of these, the one for the status.
fn catcher<'r>(request: &'r Request<'_>, status: Status) -> Option<&'r Catcher> {
    let path = request.uri().path();
    let catchers = request.rocket().catchers();
    let matching = catchers.filter(|catcher| {
        let fits = catcher.code.is_none_or(|code| code == status.code);
        fits && catcher.base.path().segments().prefix_of(path.segments())
    });
    matching.max_by_key(|catcher| (catcher.base.path().segments().len(), catcher.code.is_some()))
}
