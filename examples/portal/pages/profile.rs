//! Who one is.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::response::Redirect;
use rocket::{get, post, uri};

use super::{Page, Shell};
use crate::portal::languages::{LANGUAGES, Language};
use crate::portal::session::{Role, User, UserMut};

#[derive(Template)]
#[template(path = "profile.html")]
struct Profile<'r> {
    shell: Shell<'r>,
    user: &'r User,
    languages: &'static [Language],
}

#[derive(FromForm)]
pub(super) struct Nickname<'r> {
    #[field(validate = len(..=40))]
    nickname: &'r str,
}

#[derive(FromForm)]
pub(super) struct Spoken<'r> {
    language: &'r str,
}

#[derive(FromForm)]
pub(super) struct Permission {
    role: Role,
}

#[get("/profile")]
pub(super) fn profile(mut user: UserMut<'_>) -> Page {
    let notice = user.take_notice();
    let shell = Shell::new(&user, notice, "/profile");
    Page::render(&Profile { shell, user: &user, languages: &LANGUAGES })
}

#[post("/nickname", data = "<form>")]
pub(super) fn nickname(mut user: UserMut<'_>, form: Form<Nickname<'_>>) -> Redirect {
    user.set_nickname(form.nickname.trim());
    saved(&mut user)
}

#[post("/language", data = "<form>")]
pub(super) fn language(mut user: UserMut<'_>, form: Form<Spoken<'_>>) -> Redirect {
    user.set_language(form.language);
    saved(&mut user)
}

#[post("/role", data = "<form>")]
pub(super) fn role(mut user: UserMut<'_>, form: Form<Permission>) -> Redirect {
    user.set_role(form.role);
    saved(&mut user)
}

fn saved(user: &mut UserMut<'_>) -> Redirect {
    user.set_notice(Some("Your profile is saved.".to_owned()));
    Redirect::to(uri!(profile))
}
