//! The sessions of one user.

use rocket::form::FromForm;
use rocket::http::Status;
use rocket::response::status::NoContent;
use rocket::serde::json::{Json, Value, json};
use rocket::{get, post};
use rocket_typed_session::{Entry, Handle, Session, SessionError};
use serde::Serialize;

use super::input::Input;
use crate::portal::session::User;
use crate::portal::stamp;

#[derive(Serialize)]
pub(super) struct Device {
    handle: Handle,
    current: bool,
    created_at: String,
    seen_at: String,
    ip: Option<String>,
    agent: Option<String>,
}

impl From<Entry<User>> for Device {
    fn from(entry: Entry<User>) -> Self {
        Self {
            handle: entry.handle,
            current: entry.current,
            created_at: stamp::rfc3339(entry.created_at),
            seen_at: stamp::rfc3339(entry.seen_at),
            ip: entry.ip.map(|ip| ip.to_string()),
            agent: entry.agent,
        }
    }
}

#[derive(FromForm)]
pub(super) struct Which<'r> {
    handle: &'r str,
}

#[get("/devices")]
pub(super) async fn devices(session: Session<'_, User>) -> Result<Json<Vec<Device>>, SessionError> {
    let entries = session.list().await?.ok_or(SessionError::Missing)?;
    Ok(Json(entries.into_iter().map(Device::from).collect()))
}

#[post("/devices/end", data = "<which>")]
pub(super) async fn end(
    session: Session<'_, User>,
    which: Input<Which<'_>>,
) -> Result<Result<NoContent, Status>, SessionError> {
    let Ok(handle) = which.handle.parse::<Handle>() else { return Ok(Err(Status::NotFound)) };
    let ended = session.end_one(&handle).await?.ok_or(SessionError::Missing)?;
    Ok(if ended { Ok(NoContent) } else { Err(Status::NotFound) })
}

#[post("/devices/end-others")]
pub(super) async fn end_others(session: Session<'_, User>) -> Result<Value, SessionError> {
    let ended = session.end_others().await?.ok_or(SessionError::Missing)?;
    Ok(json!({ "ended": ended }))
}

#[post("/devices/end-all")]
pub(super) async fn end_all(session: Session<'_, User>) -> Result<Value, SessionError> {
    let ended = session.end_all().await?.ok_or(SessionError::Missing)?;
    Ok(json!({ "ended": ended }))
}
