//! The cart.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::response::Redirect;
use rocket::{get, post, uri};
use rocket_typed_session::SessionError;

use super::{Page, Shell};
use crate::portal::session::{User, UserMut};
use crate::portal::shop::{PRODUCTS, Price, Product};

#[derive(Template)]
#[template(path = "cart.html")]
struct Cart<'r> {
    shell: Shell<'r>,
    user: &'r User,
    products: &'static [Product],
    total: Price,
}

#[derive(FromForm)]
pub(super) struct Quantity {
    product: u32,
    #[field(validate = range(..=99))]
    quantity: u32,
}

#[get("/cart")]
pub(super) fn cart(mut user: UserMut<'_>) -> Page {
    let notice = user.take_notice();
    let shell = Shell::new(&user, notice, "/cart");
    Page::render(&Cart { shell, user: &user, products: &PRODUCTS, total: Price::of(&user.cart) })
}

#[post("/cart", data = "<form>")]
pub(super) fn set(mut user: UserMut<'_>, form: Form<Quantity>) -> Result<Redirect, SessionError> {
    match form.quantity {
        0 => user.remove_cart(&form.product),
        quantity => user.insert_cart(form.product, quantity)?,
    }
    Ok(Redirect::to(uri!(cart)))
}
