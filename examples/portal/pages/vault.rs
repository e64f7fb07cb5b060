//! What is shown only to an administrator who gave the password a moment ago.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{State, get, post, uri};
use rocket_typed_session::Session;

use super::{Page, Shell};
use crate::portal::accounts::Accounts;
use crate::portal::session::{User, UserMut, Vault};
use crate::portal::stamp;

#[derive(Template)]
#[template(path = "vault.html")]
struct Inside<'r> {
    shell: Shell<'r>,
    since: String,
}

/// The page that asks for the password again.
#[derive(Template)]
#[template(path = "reauthenticate.html")]
pub(in crate::portal) struct Reauthenticate<'r> {
    shell: Shell<'r>,
    wrong: bool,
}

impl<'r> Reauthenticate<'r> {
    pub(in crate::portal) fn new(shell: Shell<'r>) -> Self {
        Self { shell, wrong: false }
    }
}

#[derive(FromForm)]
pub(super) struct Password<'r> {
    password: &'r str,
}

#[get("/vault")]
pub(super) fn vault(_vault: Vault<'_>, mut user: UserMut<'_>) -> Page {
    let notice = user.take_notice();
    let since = user.session().authenticated_at().map(stamp::readable).unwrap_or_default();
    Page::render(&Inside { shell: Shell::new(&user, notice, "/vault"), since })
}

#[post("/reauthenticate", data = "<form>")]
pub(super) fn reauthenticate(
    user: &User,
    session: Session<'_, User>,
    form: Form<Password<'_>>,
    accounts: &State<Accounts>,
) -> Result<Redirect, (Status, Page)> {
    if accounts.verified(&user.name, form.password).is_none() {
        let shell = Shell::new(user, None, "/vault");
        return Err((Status::Forbidden, Page::render(&Reauthenticate { shell, wrong: true })));
    }
    session.mark_authenticated();
    Ok(Redirect::to(uri!(vault)))
}
