//! A changed password signs out wherever the old one was given, and closes what is open there.
//!
//! ```sh
//! cargo run --example security_stamp
//! curl -c one -X POST http://localhost:8000/login && curl -c two -X POST http://localhost:8000/login
//! curl -b two -N http://localhost:8000/events &         # stays open
//! curl -b one -c one -X POST http://localhost:8000/password
//! curl -b one http://localhost:8000/me                  # still in
//! curl -i -b two http://localhost:8000/me               # 401, and the stream is closed
//! ```

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rocket::response::stream::{Event, EventStream};
use rocket::tokio::select;
use rocket::{Shutdown, State, get, launch, post, routes};
use rocket_typed_session::{Session, SessionError, Sessions};

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    id: i64,
    /// How often the password had been changed when the session began.
    #[session(stamp)]
    password_changes: u64,
}

/// The only account; an application has a table of them, and selects the stamp by the session's identifier.
#[derive(Clone, Default)]
struct Account {
    password_changes: Arc<AtomicU64>,
}

#[post("/login")]
fn login(session: Session<'_, User>, account: &State<Account>) {
    session.start(User { id: 1, password_changes: account.password_changes.load(Ordering::SeqCst) });
}

#[post("/password")]
async fn password(mut user: UserMut<'_>, account: &State<Account>) -> Result<(), SessionError> {
    let changes = account.password_changes.fetch_add(1, Ordering::SeqCst) + 1;
    user.set_password_changes(changes);
    // At once: the others may be left, the own session has to have the new stamp.
    user.session().save().await?;
    // The stamp ends the others when they are next compared; this ends them now.
    user.session().end_others().await?;
    Ok(())
}

#[get("/me")]
fn me(user: &User) -> String {
    format!("number {}\n", user.id)
}

#[get("/events")]
fn events(_user: &User, session: Session<'_, User>, shutdown: Shutdown) -> EventStream![] {
    let ended = session.ended();
    EventStream! {
        yield Event::data("hello");
        select! {
            () = ended => yield Event::data("signed out"),
            () = shutdown => {}
        }
    }
}

#[launch]
fn rocket() -> _ {
    let account = Account::default();
    let changes = account.password_changes.clone();
    let sessions =
        Sessions::<User>::builder().stamp(move |_id| ready(Ok::<_, Infallible>(Some(changes.load(Ordering::SeqCst)))));
    rocket::build().manage(account).attach(sessions).mount("/", routes![login, password, me, events])
}
