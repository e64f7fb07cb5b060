//! What surrounds every page.

use crate::portal::session::User;

/// What surrounds every page: the theme, the navigation, and the notice for this page.
pub(in crate::portal) struct Shell<'r> {
    pub(super) user: Option<&'r User>,
    pub(super) notice: Option<String>,
    pub(super) here: &'static str,
}

impl<'r> Shell<'r> {
    /// Returns the frame of a page for somebody who is signed in; `here` is the page's link in the navigation.
    pub(in crate::portal) fn new(user: &'r User, notice: Option<String>, here: &'static str) -> Self {
        Self { user: Some(user), notice, here }
    }

    /// Returns the frame of a page for whoever is not signed in.
    pub(in crate::portal) fn outside() -> Self {
        Self { user: None, notice: None, here: "" }
    }

    pub(super) fn theme(&self) -> &str {
        self.user.map_or("system", |user| &user.theme)
    }

    /// Returns the pages to offer.
    pub(super) fn links(&self) -> impl Iterator<Item = &'static Link> {
        let is_admin = self.user.is_some_and(User::is_admin);
        LINKS.iter().filter(move |link| is_admin || !link.is_for_admins)
    }
}

/// An entry of the navigation.
pub(super) struct Link {
    pub(super) path: &'static str,
    pub(super) label: &'static str,
    is_for_admins: bool,
}

const LINKS: [Link; 7] = [
    Link { path: "/", label: "Home", is_for_admins: false },
    Link { path: "/cart", label: "Cart", is_for_admins: false },
    Link { path: "/profile", label: "Profile", is_for_admins: false },
    Link { path: "/theme", label: "Theme", is_for_admins: false },
    Link { path: "/devices", label: "Devices", is_for_admins: false },
    Link { path: "/admin", label: "Admin", is_for_admins: true },
    Link { path: "/vault", label: "Vault", is_for_admins: true },
];
