//! Where a user is signed in: list the sessions, end one, the others, or all; and the same from outside a request.
//!
//! ```sh
//! cargo run --example devices
//! curl -c phone  -A Phone  -X POST localhost:8000/login/ada
//! curl -c laptop -A Laptop -X POST localhost:8000/login/ada
//! curl -b phone localhost:8000                          # two devices; the handles are names, not credentials
//! curl -b phone -X POST localhost:8000/end/<handle>     # signs one of them out
//! curl -b phone -X POST localhost:8000/end-others
//! curl -b laptop -i localhost:8000                      # 401
//! curl -X POST localhost:8000/disable/ada               # as an administrator would
//! curl -b phone -i localhost:8000                       # 401
//! ```

use rocket::http::Status;
use rocket::{State, get, launch, post, routes};
use rocket_typed_session::{Handle, Session, SessionError, Sessions};

#[derive(Clone, Session)]
#[session(required)]
struct User {
    #[session(identifier)]
    name: String,
}

#[post("/login/<name>")]
fn login(name: &str, session: Session<'_, User>) {
    session.start(User { name: name.into() });
}

#[get("/")]
async fn devices(session: Session<'_, User>) -> Result<String, SessionError> {
    let entries = session.list().await?.ok_or(SessionError::Missing)?;
    let lines = entries.iter().map(|entry| {
        let mark = if entry.current { '*' } else { ' ' };
        let device = entry.device().or(entry.agent.clone()).unwrap_or_else(|| "unknown".into());
        format!("{mark} {} {device}\n", entry.handle)
    });
    Ok(lines.collect())
}

/// Ends a session of the user's own. Somebody else's, and one that does not exist, look alike.
#[post("/end/<handle>")]
async fn end(handle: &str, session: Session<'_, User>) -> Result<Status, SessionError> {
    let Ok(handle) = handle.parse::<Handle>() else { return Ok(Status::NotFound) };
    let ended = session.end_one(&handle).await?.ok_or(SessionError::Missing)?;
    Ok(if ended { Status::NoContent } else { Status::NotFound })
}

#[post("/end-others")]
async fn end_others(session: Session<'_, User>) -> Result<String, SessionError> {
    let ended = session.end_others().await?.ok_or(SessionError::Missing)?;
    Ok(format!("{ended} ended\n"))
}

/// Ends all sessions of anybody: guard such a route with a role.
#[post("/disable/<name>")]
async fn disable(name: String, sessions: &State<Sessions<User>>) -> Result<String, SessionError> {
    let ended = sessions.end_all(&name).await?;
    Ok(format!("{ended} ended\n"))
}

#[launch]
fn rocket() -> _ {
    let routes = routes![login, devices, end, end_others, disable];
    rocket::build().attach(Sessions::<User>::fairing()).mount("/", routes)
}
