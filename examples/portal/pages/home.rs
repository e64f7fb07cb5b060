//! The first page.

use askama::Template;
use rocket::response::Redirect;
use rocket::{Either, get, post, uri};

use super::{Page, Shell, sign_in};
use crate::portal::languages::Language;
use crate::portal::session::{User, UserMut};

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'r> {
    shell: Shell<'r>,
    user: &'r User,
    language: &'static Language,
}

#[get("/")]
pub(super) fn home(user: Option<UserMut<'_>>) -> Either<Page, Redirect> {
    let Some(mut user) = user else {
        return Either::Right(Redirect::to(uri!(sign_in::form)));
    };
    let notice = user.take_notice();
    let shell = Shell::new(&user, notice, "/");
    Either::Left(Page::render(&Home { shell, user: &user, language: Language::of(&user.language) }))
}

#[post("/visit")]
pub(super) fn visit(mut user: UserMut<'_>) -> Redirect {
    user.add_visits(1);
    Redirect::to(uri!(home))
}
