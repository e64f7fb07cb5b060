//! Where one is signed in.

use askama::Template;
use rocket::form::{Form, FromForm};
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{get, post, uri};
use rocket_typed_session::{Entry, Handle, SessionError};

use super::{Page, Shell, home};
use crate::portal::session::{User, UserMut};
use crate::portal::stamp;

#[derive(Template)]
#[template(path = "devices.html")]
struct Devices<'r> {
    shell: Shell<'r>,
    devices: Vec<Device>,
}

struct Device {
    handle: Handle,
    current: bool,
    name: String,
    ip: Option<String>,
    created: String,
    seen: String,
}

impl From<Entry<User>> for Device {
    fn from(entry: Entry<User>) -> Self {
        Self {
            handle: entry.handle,
            current: entry.current,
            name: entry.device().or(entry.agent).unwrap_or_else(|| "Unknown device".to_owned()),
            ip: entry.ip.map(|ip| ip.to_string()),
            created: stamp::readable(entry.created_at),
            seen: stamp::readable(entry.seen_at),
        }
    }
}

#[derive(FromForm)]
pub(super) struct Which<'r> {
    handle: &'r str,
}

#[get("/devices")]
pub(super) async fn devices(mut user: UserMut<'_>) -> Result<Page, SessionError> {
    let devices = user.session().list().await?.unwrap_or_default().into_iter().map(Device::from).collect();
    let notice = user.take_notice();
    Ok(Page::render(&Devices { shell: Shell::new(&user, notice, "/devices"), devices }))
}

#[post("/devices/end", data = "<which>")]
pub(super) async fn end(
    mut user: UserMut<'_>,
    which: Form<Which<'_>>,
) -> Result<Result<Redirect, Status>, SessionError> {
    let Ok(handle) = which.handle.parse::<Handle>() else { return Ok(Err(Status::NotFound)) };
    if user.session().end_one(&handle).await? != Some(true) {
        return Ok(Err(Status::NotFound));
    }
    user.set_notice(Some("The device is signed out.".to_owned()));
    Ok(Ok(Redirect::to(uri!(devices))))
}

#[post("/devices/end-others")]
pub(super) async fn end_others(mut user: UserMut<'_>) -> Result<Redirect, SessionError> {
    let ended = user.session().end_others().await?.unwrap_or_default();
    user.set_notice(Some(format!("Other devices signed out: {ended}.")));
    Ok(Redirect::to(uri!(devices)))
}

#[post("/devices/end-all")]
pub(super) async fn end_all(user: UserMut<'_>) -> Result<Redirect, SessionError> {
    user.session().end_all().await?;
    Ok(Redirect::to(uri!(home::home)))
}
