//! Routes for those who are not signed in.

use rocket::serde::json::{Value, json};
use rocket::{get, post};

use crate::portal::session::{Guest, GuestMut};

/// Touches no session.
#[get("/public")]
pub(super) fn public() -> Value {
    json!({ "public": true })
}

#[get("/guest")]
pub(super) fn guest(guest: &Guest) -> Value {
    json!({ "hits": guest.hits })
}

#[post("/guest/hit")]
pub(super) fn hit(mut guest: GuestMut<'_>) -> Value {
    guest.add_hits(1);
    json!({ "hits": guest.hits })
}
