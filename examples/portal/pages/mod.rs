//! The pages, and the forms on them. A form is answered with 303, so that reloading repeats nothing.

mod admin;
mod assets;
mod cart;
mod devices;
mod home;
mod password;
mod problem;
mod profile;
mod shell;
mod sign_in;
mod theme;
mod vault;

pub(super) use self::problem::Problem;
pub(super) use self::shell::Shell;
pub(super) use self::sign_in::SignIn;
pub(super) use self::vault::Reauthenticate;

use askama::Template;
use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::response::{self, Responder, Response};
use rocket::{Request, Route, error, routes};

/// Nothing but the portal's own style sheet and icon is loaded, and forms are sent to the portal only.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

pub(super) fn routes() -> Vec<Route> {
    routes![
        admin::admin,
        admin::end_all,
        assets::icon,
        assets::style,
        cart::cart,
        cart::set,
        devices::devices,
        devices::end,
        devices::end_all,
        devices::end_others,
        home::home,
        home::visit,
        password::password,
        profile::language,
        profile::nickname,
        profile::profile,
        profile::role,
        sign_in::form,
        sign_in::sign_in,
        sign_in::sign_out,
        theme::set,
        theme::theme,
        vault::reauthenticate,
        vault::vault,
    ]
}

/// A rendered page.
pub(super) struct Page(askama::Result<String>);

impl Page {
    pub(super) fn render(template: &impl Template) -> Self {
        Self(template.render())
    }
}

impl<'r> Responder<'r, 'static> for Page {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self.0 {
            Ok(html) => Response::build_from(RawHtml(html).respond_to(request)?)
                .raw_header("Content-Security-Policy", POLICY)
                .ok(),
            Err(error) => {
                error!("a page can not be rendered: {error}");
                Err(Status::InternalServerError)
            }
        }
    }
}
