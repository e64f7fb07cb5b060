//! Changing the password, which signs out wherever the old one was given.

use rocket::form::{Form, FromForm};
use rocket::response::Redirect;
use rocket::{State, post, uri};
use rocket_typed_session::SessionError;

use super::profile;
use crate::portal::accounts::Accounts;
use crate::portal::session::UserMut;

#[derive(FromForm)]
pub(super) struct Passwords<'r> {
    old: &'r str,
    #[field(validate = len(1..=100))]
    new: &'r str,
}

#[post("/password", data = "<form>")]
pub(super) async fn password(
    mut user: UserMut<'_>,
    form: Form<Passwords<'_>>,
    accounts: &State<Accounts>,
) -> Result<Redirect, SessionError> {
    let notice = if accounts.verified(&user.name, form.old).is_some() {
        let changes = accounts.change(user.id, form.new);
        user.set_password_changes(changes);
        user.session().save().await?;
        let ended = user.session().end_others().await?.unwrap_or_default();
        format!("Your password is changed. Other devices signed out: {ended}.")
    } else {
        "This is not your password; nothing is changed.".to_owned()
    };
    user.set_notice(Some(notice));
    Ok(Redirect::to(uri!(profile::profile)))
}
