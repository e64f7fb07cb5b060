//! How to test an application that has sessions: Rocket's local client, a clock to set, a storage that fails.
//!
//! ```sh
//! cargo test --example testing
//! ```
//!
//! The doubles are in `rocket_typed_session::testing`, behind the feature `testing`: name it in `dev-dependencies`.

use rocket::{Build, Rocket, get, launch, post, routes};
use rocket_typed_session::{Builder, Session, Sessions};

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Fresh, fresh = "15m"))]
struct User {
    name: String,
    #[session(merge = add)]
    visits: u64,
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    session.start(User { name: name.into(), visits: 0 });
}

#[post("/visit")]
fn visit(mut user: UserMut<'_>) -> String {
    user.add_visits(1);
    format!("visit {} of {}", user.visits, user.name)
}

#[get("/secret")]
fn secret(fresh: Fresh<'_>) -> String {
    format!("the secret of {}", fresh.name)
}

/// The application, with sessions of the caller's choice: that is all a test needs.
fn application(sessions: Builder<User>) -> Rocket<Build> {
    rocket::build().attach(sessions).mount("/", routes![login, visit, secret])
}

#[launch]
fn rocket() -> _ {
    application(Sessions::fairing())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on fails")]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_typed_session::storage::memory::MemoryStorage;
    use rocket_typed_session::testing::{Fault, FaultStorage, Operation, TestClock};

    use super::*;

    /// Returns a client that keeps cookies, as a browser does, and in which ada is signed in.
    fn signed_in(sessions: Builder<User>) -> Client {
        let client = Client::tracked(application(sessions)).unwrap();
        assert_eq!(client.post("/login/ada").dispatch().status(), Status::Ok);
        client
    }

    #[test]
    fn visits_are_counted() {
        let client = signed_in(Sessions::builder());
        for visit in 1..=3 {
            let answer = client.post("/visit").dispatch().into_string();
            assert_eq!(answer, Some(format!("visit {visit} of ada")));
        }
    }

    #[test]
    fn the_secret_wants_a_sign_in_of_the_last_15_minutes() {
        let clock = TestClock::new();
        let client = signed_in(Sessions::builder().clock(clock.clone()));
        assert_eq!(client.get("/secret").dispatch().status(), Status::Ok);
        clock.advance(Duration::from_mins(16));
        assert_eq!(client.get("/secret").dispatch().status(), Status::Unauthorized);
        client.post("/login/ada").dispatch();
        assert_eq!(client.get("/secret").dispatch().status(), Status::Ok);
    }

    #[test]
    fn an_unused_session_ends_after_an_hour() {
        let clock = TestClock::new();
        let client = signed_in(Sessions::builder().clock(clock.clone()));
        clock.advance(Duration::from_mins(61));
        assert_eq!(client.post("/visit").dispatch().status(), Status::Unauthorized);
    }

    #[test]
    fn a_visit_that_can_not_be_kept_is_not_counted() {
        let storage = Arc::new(FaultStorage::new(MemoryStorage::new()));
        let client = signed_in(Sessions::builder().storage(storage.clone()));
        storage.fail_next(Operation::Commit, Fault::Before, 1);
        assert_eq!(client.post("/visit").dispatch().status(), Status::ServiceUnavailable);
        assert_eq!(client.post("/visit").dispatch().into_string(), Some("visit 1 of ada".to_owned()));
    }
}
