//! Changes of one field each.

use rocket::form::FromForm;
use rocket::post;
use rocket::response::status::NoContent;
use rocket_typed_session::SessionError;

use super::input::Input;
use crate::portal::session::UserMut;

#[derive(FromForm)]
pub(super) struct Theme<'r> {
    theme: &'r str,
}

#[derive(FromForm)]
pub(super) struct Language<'r> {
    language: &'r str,
}

#[derive(FromForm)]
pub(super) struct Nickname<'r> {
    nickname: &'r str,
}

#[derive(FromForm)]
pub(super) struct Notice<'r> {
    text: &'r str,
}

#[derive(FromForm)]
pub(super) struct Quantity {
    product: u32,
    quantity: u32,
}

#[post("/theme", data = "<form>")]
pub(super) fn theme(mut user: UserMut<'_>, form: Input<Theme<'_>>) -> NoContent {
    user.set_theme(form.theme);
    NoContent
}

#[post("/language", data = "<form>")]
pub(super) fn language(mut user: UserMut<'_>, form: Input<Language<'_>>) -> NoContent {
    user.set_language(form.language);
    NoContent
}

#[post("/nickname", data = "<form>")]
pub(super) fn nickname(mut user: UserMut<'_>, form: Input<Nickname<'_>>) -> NoContent {
    user.set_nickname(form.nickname);
    NoContent
}

#[post("/notice", data = "<form>")]
pub(super) fn notice(mut user: UserMut<'_>, form: Input<Notice<'_>>) -> NoContent {
    user.set_notice(Some(form.text.to_owned()));
    NoContent
}

#[post("/visit")]
pub(super) fn visit(mut user: UserMut<'_>) -> NoContent {
    user.add_visits(1);
    NoContent
}

#[post("/cart", data = "<form>")]
pub(super) fn cart(mut user: UserMut<'_>, form: Input<Quantity>) -> Result<NoContent, SessionError> {
    match form.quantity {
        0 => user.remove_cart(&form.product),
        quantity => user.insert_cart(form.product, quantity)?,
    }
    Ok(NoContent)
}
