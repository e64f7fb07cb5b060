//! What a page is told while it is open.

use rocket::response::stream::{Event, EventStream};
use rocket::tokio::select;
use rocket::{Shutdown, get};
use rocket_typed_session::Session;

use crate::portal::session::User;

/// Stays open while the user is signed in, and says when that is over.
#[get("/events")]
pub(super) fn events(user: &User, session: Session<'_, User>, shutdown: Shutdown) -> EventStream![] {
    let (name, ended) = (user.name.clone(), session.ended());
    EventStream! {
        yield Event::data(name).event("hello");
        select! {
            () = ended => yield Event::data("").event("signed-out"),
            () = shutdown => {}
        }
    }
}
