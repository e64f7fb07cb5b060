//! The pages, and the forms on them. A form is answered with 303, so that reloading repeats nothing.

mod admin;
mod assets;
mod cart;
mod devices;
mod home;
mod profile;
mod sign_in;
mod theme;
mod vault;

pub(super) use self::sign_in::SignIn;
pub(super) use self::vault::Reauthenticate;

use askama::Template;
use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::response::{self, Responder, Response};
use rocket::{Request, Route, error, routes};

use super::session::User;

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

/// What surrounds every page: the theme, the navigation, and the notice for this page.
pub(super) struct Shell<'r> {
    user: Option<&'r User>,
    notice: Option<String>,
    here: &'static str,
}

impl<'r> Shell<'r> {
    /// Returns the frame of a page for somebody who is signed in; `here` is the page's link in the navigation.
    pub(super) fn new(user: &'r User, notice: Option<String>, here: &'static str) -> Self {
        Self { user: Some(user), notice, here }
    }

    /// Returns the frame of a page for whoever is not signed in.
    pub(super) fn outside() -> Self {
        Self { user: None, notice: None, here: "" }
    }

    fn theme(&self) -> &str {
        self.user.map_or("system", |user| &user.theme)
    }

    /// Returns the navigation: where, and what it is called.
    fn links(&self) -> Vec<(&'static str, &'static str)> {
        let links = [("/", "Home"), ("/cart", "Cart"), ("/profile", "Profile"), ("/theme", "Theme"), ("/devices", "Devices")];
        let administration = [("/admin", "Admin"), ("/vault", "Vault")];
        match self.user {
            Some(user) if user.is_admin() => [&links[..], &administration[..]].concat(),
            Some(_) => links.to_vec(),
            None => Vec::new(),
        }
    }
}
