//! Requests that take long, fail or panic after they changed something.

use std::time::Duration;

use rocket::form::FromForm;
use rocket::http::Status;
use rocket::post;
use rocket::response::status::NoContent;
use rocket::tokio::time::sleep;

use super::input::Input;
use crate::portal::session::UserMut;

#[derive(FromForm)]
pub(super) struct Slow<'r> {
    theme: &'r str,
    #[field(validate = range(..=5000))]
    ms: u64,
}

#[derive(FromForm)]
pub(super) struct Failure<'r> {
    theme: &'r str,
    #[field(validate = range(400..=599))]
    status: u16,
}

#[derive(FromForm)]
pub(super) struct Theme<'r> {
    theme: &'r str,
}

/// Changes the session that it found when it began, some time later.
#[post("/slow/theme", data = "<form>")]
pub(super) async fn slow(mut user: UserMut<'_>, form: Input<Slow<'_>>) -> NoContent {
    sleep(Duration::from_millis(form.ms)).await;
    user.set_theme(form.theme);
    NoContent
}

/// Answers with an error. A 4xx keeps the change, a 5xx does not.
#[post("/fail/theme", data = "<form>")]
pub(super) fn fail(mut user: UserMut<'_>, form: Input<Failure<'_>>) -> Status {
    user.set_theme(form.theme);
    Status::new(form.status)
}

/// Panics, which keeps nothing.
#[post("/panic/theme", data = "<form>")]
#[allow(clippy::panic, reason = "it is what the route is for")]
pub(super) fn panics(mut user: UserMut<'_>, form: Input<Theme<'_>>) -> NoContent {
    user.set_theme(form.theme);
    panic!("as asked");
}
