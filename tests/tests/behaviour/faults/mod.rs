//! Storages, handlers and catchers that fail.

mod catchers_of_the_application;
mod commits;
mod ends;
mod handlers;
mod loads;
mod streams;
mod types;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::http::Status;
use rocket::tokio::join;
use rocket::{Request, catch, catchers, post, routes};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, ParkStorage, TextStorage, When};
use rocket_typed_session::{EndedBy, EventKind, GuardError, Session, Unavailable};
use rocket_typed_session_tests::place::Kind;
use rocket_typed_session_tests::{Admin, Answer, App, Role, Site, User, UserMut, overtake};
use serde::{Deserialize, Serialize};

use Fault::{After, Before, Hang, HangAfter};
use Operation::{Commit, Create, Delete, DeleteAll, Find, List, Load, Rotate, Touch};

const EVERY: [Fault; 4] = [Before, After, Hang, HangAfter];

/// How long a request waits for a storage that never answers: a moment, but long enough for one that does.
fn moment() -> Duration {
    if Kind::of_the_run() == Kind::Memory { Duration::from_millis(5) } else { Duration::from_millis(500) }
}

/// Opens a site whose requests wait for the storage for a moment only.
async fn impatient() -> Site {
    Site::builder().config(|config| config.timeout = moment()).open().await
}

fn has_failed(events: &[EventKind]) -> bool {
    events.iter().any(|event| matches!(event, EventKind::StorageFailed(_)))
}

/// Asserts that an answer is that of the catcher for a storage that failed, and that the cookie is left alone.
fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(Storage)"), "{answer:?}");
    assert!(answer.cookies.is_empty(), "{answer:?}");
}

#[post("/in")]
fn sign_in(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[rocket::async_test]
async fn f_07_operations_of_the_application_are_bounded_in_time() {
    let site = impatient().await;
    let browser = site.member(7).await;
    let handle = browser.get("/handle").await.body.parse().unwrap();
    let sessions = site.sessions::<User>();
    for operation in [Find, List, Operation::Count, DeleteAll, Operation::DeleteHandle, Operation::DeleteEveryone] {
        site.faults().fail(operation, Hang);
    }
    assert!(sessions.get(&handle).await.is_err());
    assert!(sessions.update(&handle, |user| user.visits += 1).await.is_err());
    assert!(sessions.list(&7).await.is_err());
    assert!(sessions.count(&7).await.is_err());
    assert!(sessions.end_one(&handle).await.is_err());
    assert!(sessions.end_all(&7).await.is_err());
    assert!(sessions.end_everyone().await.is_err());
    site.faults().clear();
    assert_eq!(browser.get("/me").await.code(), 200);
}
