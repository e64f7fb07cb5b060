//! Signing in and out.

use std::time::Duration;

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{State, get, post, uri};
use rocket_typed_session::Session;

use super::{Page, Shell, home};
use crate::portal::accounts::Accounts;
use crate::portal::session::User;

/// How long a browser that was asked to keep its user signed in does so.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// The page that asks for name and password.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(in crate::portal) struct SignIn<'r> {
    shell: Shell<'r>,
    reason: Option<&'r str>,
    name: &'r str,
}

impl<'r> SignIn<'r> {
    pub(in crate::portal) fn because(reason: &'r str) -> Self {
        Self { shell: Shell::outside(), reason: Some(reason), name: "" }
    }
}

#[derive(FromForm)]
pub(super) struct Credentials<'r> {
    name: &'r str,
    password: &'r str,
    remember: bool,
}

#[get("/login")]
pub(super) fn form() -> Page {
    Page::render(&SignIn { shell: Shell::outside(), reason: None, name: "" })
}

#[post("/login", data = "<credentials>")]
pub(super) fn sign_in(
    credentials: Form<Credentials<'_>>,
    session: Session<'_, User>,
    accounts: &State<Accounts>,
) -> Result<Redirect, (Status, Page)> {
    let Credentials { name, password, remember } = *credentials;
    let Some(user) = accounts.verified(name, password) else {
        let reason = Some("Name and password do not go together.");
        return Err((Status::Unauthorized, Page::render(&SignIn { shell: Shell::outside(), reason, name })));
    };
    session.start(user);
    if remember {
        session.set_ttl(REMEMBERED);
    }
    Ok(Redirect::to(uri!(home::home)))
}

#[post("/logout")]
pub(super) fn sign_out(session: Session<'_, User>) -> Redirect {
    session.end();
    Redirect::to(uri!(home::home))
}
