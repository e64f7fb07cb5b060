//! The look of the pages.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::response::Redirect;
use rocket::{get, post, uri};

use super::{Page, Shell};
use crate::portal::session::{User, UserMut};

/// The themes of the style sheet: what is stored, and what it is called.
const THEMES: [(&str, &str); 5] =
    [("system", "As the device"), ("light", "Light"), ("dark", "Dark"), ("sepia", "Sepia"), ("forest", "Forest")];

#[derive(Template)]
#[template(path = "theme.html")]
struct Theme<'r> {
    shell: Shell<'r>,
    user: &'r User,
    themes: &'static [(&'static str, &'static str)],
}

#[derive(FromForm)]
pub(super) struct Choice<'r> {
    theme: &'r str,
}

#[get("/theme")]
pub(super) fn theme(mut user: UserMut<'_>) -> Page {
    let notice = user.take_notice();
    let shell = Shell::new(&user, notice, "/theme");
    Page::render(&Theme { shell, user: &user, themes: &THEMES })
}

#[post("/theme", data = "<choice>")]
pub(super) fn set(mut user: UserMut<'_>, choice: Form<Choice<'_>>) -> Redirect {
    user.set_theme(choice.theme);
    Redirect::to(uri!(theme))
}
