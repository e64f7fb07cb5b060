//! The user's own session.

use std::collections::BTreeMap;

use rocket::get;
use rocket::serde::json::Json;
use serde::Serialize;

use crate::portal::session::{Role, UserMut};

#[derive(Serialize)]
pub(super) struct Me {
    id: i64,
    name: String,
    role: Role,
    theme: String,
    language: String,
    visits: u64,
    cart: BTreeMap<u32, u32>,
    notice: Option<String>,
}

#[get("/me")]
pub(super) fn me(mut user: UserMut<'_>) -> Json<Me> {
    let notice = user.take_notice();
    Json(Me {
        id: user.id,
        name: user.name.clone(),
        role: user.role,
        theme: user.theme.clone(),
        language: user.language.clone(),
        visits: user.visits,
        cart: user.cart.clone(),
        notice,
    })
}
