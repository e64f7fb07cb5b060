//! Answers for what went wrong: pages for people, JSON for programs.

use rocket::http::Status;
use rocket::serde::json::{Value, json};
use rocket::{Request, catch};
use rocket_typed_session::GuardError;

use super::pages::{Page, Problem, Reauthenticate, Shell, SignIn};
use super::session::User;

/// Answers a program with `{"error": ".."}`.
#[catch(default)]
pub(super) fn json(status: Status, request: &Request<'_>) -> Value {
    json!({ "error": reason(status, GuardError::of(request)) })
}

/// Names an error in one word, which is part of the interface.
fn reason(status: Status, error: Option<GuardError>) -> String {
    let word = match (status.code, error) {
        (401, Some(GuardError::Stale)) => "stale",
        (401, Some(GuardError::Gone)) => "gone",
        (401, _) => "missing",
        (403, Some(GuardError::CrossSite)) => "cross_site",
        (403, _) => "forbidden",
        (409, _) => "conflict",
        (422, _) => "invalid",
        (503, _) => "storage",
        _ => return status.reason_lossy().to_lowercase().replace(' ', "_"),
    };
    word.to_owned()
}

/// Answers a person with a page that says what to do next.
#[catch(default)]
pub(super) async fn page(status: Status, request: &Request<'_>) -> Page {
    match (status.code, GuardError::of(request)) {
        (401, Some(GuardError::Stale)) => Page::render(&Reauthenticate::new(shell(request).await)),
        (401, Some(GuardError::Gone)) => Page::render(&SignIn::because("You were signed out meanwhile.")),
        (401, _) => Page::render(&SignIn::because("Sign in to see this page.")),
        (403, Some(GuardError::CrossSite)) => Page::render(&Problem::from_elsewhere()),
        (403..=404 | 413..=422, _) => Page::render(&Problem::new(shell(request).await, status)),
        _ => Page::render(&Problem::new(Shell::outside(), status)),
    }
}

/// Returns the frame of a user's pages, for a user who is known but may not enter.
async fn shell<'r>(request: &'r Request<'_>) -> Shell<'r> {
    let user = request.guard::<&User>().await.succeeded();
    user.map_or_else(Shell::outside, |user| Shell::new(user, None, ""))
}
