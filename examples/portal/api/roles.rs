//! What a role, and a fresh password, open.

use rocket::form::FromForm;
use rocket::http::Status;
use rocket::response::status::NoContent;
use rocket::serde::json::{Value, json};
use rocket::{State, get, post};
use rocket_typed_session::Session;

use super::input::Input;
use crate::portal::accounts::Accounts;
use crate::portal::session::{Admin, Role, User, UserMut, Vault};

#[derive(FromForm)]
pub(super) struct Permission {
    role: Role,
}

#[derive(FromForm)]
pub(super) struct Password<'r> {
    password: &'r str,
}

/// Changes the user's own role, which gives the session a new token.
#[post("/role", data = "<form>")]
pub(super) fn role(mut user: UserMut<'_>, form: Input<Permission>) -> NoContent {
    user.set_role(form.role);
    NoContent
}

#[get("/admin")]
pub(super) fn admin(admin: Admin<'_>) -> Value {
    json!({ "name": admin.name })
}

#[get("/vault")]
pub(super) fn vault(vault: Vault<'_>) -> Value {
    json!({ "name": vault.name })
}

/// Makes the session fresh; a wrong password is 403, since the session itself is well.
#[post("/reauthenticate", data = "<form>")]
pub(super) fn reauthenticate(
    user: &User,
    session: Session<'_, User>,
    form: Input<Password<'_>>,
    accounts: &State<Accounts>,
) -> Result<NoContent, Status> {
    accounts.verified(&user.name, form.password).ok_or(Status::Forbidden)?;
    session.mark_authenticated();
    Ok(NoContent)
}
