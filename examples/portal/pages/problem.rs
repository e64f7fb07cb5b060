//! What is shown instead of a page.

use askama::Template;
use rocket::http::Status;

use super::Shell;

/// A page that says what went wrong, and what to do about it.
#[derive(Template)]
#[template(path = "problem.html")]
pub(in crate::portal) struct Problem<'r> {
    shell: Shell<'r>,
    code: u16,
    title: &'static str,
    advice: &'static str,
}

impl<'r> Problem<'r> {
    pub(in crate::portal) fn new(shell: Shell<'r>, status: Status) -> Self {
        let (title, advice) = match status.code {
            403 => ("Not for you", "This page is for administrators."),
            404 => ("Nothing here", "The address leads nowhere, or no longer does."),
            409 => (
                "Changed elsewhere",
                "Another tab or device was faster, and nothing was overwritten. Look, and try again.",
            ),
            413 | 415 | 422 => {
                ("That does not fit", "Something in the form can not be understood. Go back, and look again.")
            }
            503 => {
                ("One moment", "Sessions can not be read or kept right now. You are not signed out: try again soon.")
            }
            _ => ("Something went wrong", "It is not your fault, and nothing was changed."),
        };
        Self { shell, code: status.code, title, advice }
    }

    /// Returns what is shown for a form that another site has sent.
    pub(in crate::portal) fn from_elsewhere() -> Self {
        let advice = "Another site tried to do this in your name, and nothing was changed. You are still signed in.";
        Self { shell: Shell::outside(), code: 403, title: "Not from here", advice }
    }
}
