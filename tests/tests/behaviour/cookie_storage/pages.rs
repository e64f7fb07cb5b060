//! The pages: each does one thing to a session.

use std::time::Duration;

use rocket::http::Status;
use rocket::response::Redirect;
use rocket::response::stream::TextStream;
use rocket::{Request, Route, State, catch, get, post, routes};
use rocket_typed_session::{GuardError, Session, SessionError, Sessions};

use super::{Admin, Guest, GuestMut, User, UserMut, Vault};

type Answer<T> = Result<T, SessionError>;

#[get("/me")]
fn me(user: &User) -> String {
    format!("{} {} {} {:?}", user.id, user.role, user.theme, user.notice)
}

#[get("/session")]
fn session(session: Session<'_, User>) -> String {
    session.get().map_or("nobody".into(), |user| user.theme.clone())
}

#[get("/handle")]
fn handle(session: Session<'_, User>) -> String {
    session.handle().map_or("none".into(), |handle| handle.to_string())
}

#[get("/times")]
fn times(session: Session<'_, User>) -> String {
    format!("{:?} {:?}", session.created_at(), session.authenticated_at())
}

#[get("/debug")]
fn debug(session: Session<'_, User>, user: UserMut<'_>, sessions: &State<Sessions<User>>) -> String {
    format!("{session:?} {user:?} {sessions:?}")
}

#[post("/login/<id>/<role>")]
fn login(session: Session<'_, User>, id: i64, role: &str) {
    session.start(User::new(id, role));
}

#[post("/logout")]
fn logout(session: Session<'_, User>) {
    session.end();
}

#[post("/logout/<status>")]
fn logout_and_fail(session: Session<'_, User>, status: u16) -> Status {
    session.end();
    Status::new(status)
}

#[post("/restart/<id>")]
fn restart(session: Session<'_, User>, id: i64) {
    session.end();
    session.start(User::new(id, "member"));
}

#[post("/rotate")]
fn rotate(session: Session<'_, User>) {
    session.rotate();
}

#[post("/all-at-once")]
fn rotate_touch_and_logout(session: Session<'_, User>) {
    session.rotate();
    session.mark_authenticated();
    session.end();
}

#[post("/authenticate")]
fn authenticate(session: Session<'_, User>) {
    session.mark_authenticated();
}

#[post("/ttl/<seconds>")]
fn ttl(session: Session<'_, User>, seconds: u64) {
    session.set_ttl(Duration::from_secs(seconds));
}

#[post("/theme/<theme>")]
fn theme(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
}

#[post("/redirect/<theme>")]
fn redirect(mut user: UserMut<'_>, theme: &str) -> Redirect {
    user.set_theme(theme);
    Redirect::to("/me")
}

#[post("/role/<role>")]
fn role(mut user: UserMut<'_>, role: &str) {
    user.set_role(role);
}

#[post("/notice/<text>")]
fn notice(mut user: UserMut<'_>, text: String) {
    user.set_notice(Some(text));
}

#[get("/notice")]
fn take_notice(mut user: UserMut<'_>) -> String {
    user.take_notice().unwrap_or_else(|| "none".into())
}

#[post("/nothing")]
fn nothing(mut user: UserMut<'_>) {
    let theme = user.theme.clone();
    user.set_theme(theme);
}

#[post("/large/<size>")]
fn large(mut user: UserMut<'_>, size: usize) -> &'static str {
    user.set_theme("x".repeat(size));
    "what the handler answers"
}

#[post("/large/<size>/save")]
async fn save_large(mut user: UserMut<'_>, size: usize) -> String {
    user.set_theme("x".repeat(size));
    match user.session().save().await {
        Ok(()) => "saved".into(),
        Err(error) => format!("{error:?}: {error}"),
    }
}

#[post("/save/<theme>/<status>")]
async fn save_and_answer(mut user: UserMut<'_>, theme: &str, status: u16) -> Answer<Status> {
    user.set_theme(theme);
    user.session().save().await?;
    Ok(Status::new(status))
}

#[post("/fail/<status>/<theme>")]
fn fail(mut user: UserMut<'_>, status: u16, theme: &str) -> Status {
    user.set_theme(theme);
    Status::new(status)
}

#[post("/panic/<theme>")]
fn panic(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
    panic!("after an edit")
}

#[post("/logout/panic", rank = 0)]
fn logout_and_panic(session: Session<'_, User>) {
    session.end();
    panic!("after signing out")
}

#[get("/stream/<theme>")]
fn stream<'r>(session: Session<'r, User>, theme: &'r str) -> TextStream![String + 'r] {
    TextStream! {
        let _ = session.update(|user| user.theme = theme.to_owned());
        yield format!("{:?}", session.save().await);
    }
}

#[get("/stream-end")]
fn stream_end(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        session.end();
        yield format!("{:?}", session.save().await);
    }
}

#[get("/admin")]
fn admin(admin: Admin<'_>) -> String {
    format!("hello {}", admin.id)
}

#[get("/vault")]
fn vault(vault: Vault<'_>) -> String {
    format!("vault of {}", vault.id)
}

#[get("/guest/<key>")]
fn key(guest: &Guest, key: &str) -> Option<String> {
    guest.keys.get(key).cloned()
}

#[post("/guest-seen/<value>")]
fn put_after_a_look(before: &Guest, mut guest: GuestMut<'_>, value: String) -> Answer<String> {
    let seen = format!("{:?}", before.keys);
    guest.update(|guest| {
        guest.keys.insert("seen".into(), value);
    })?;
    Ok(seen)
}

#[post("/guest/<key>/<value>")]
fn put(mut guest: GuestMut<'_>, key: String, value: String) -> Answer<()> {
    guest.update(|guest| {
        guest.keys.insert(key, value);
    })
}

#[post("/both/<text>")]
fn both(mut user: UserMut<'_>, mut guest: GuestMut<'_>, text: String) -> Answer<()> {
    user.set_theme(text.clone());
    guest.update(|guest| {
        guest.keys.insert("both".into(), text);
    })
}

#[post("/everyone/end")]
async fn end_everyone(sessions: &State<Sessions<User>>) -> String {
    sessions.end_everyone().await.map_or_else(|error| error.to_string(), |()| "ended".into())
}

#[catch(default)]
pub(super) fn caught(status: Status, request: &Request<'_>) -> String {
    format!("{} {:?}", status.code, GuardError::of(request))
}

pub(super) fn routes() -> Vec<Route> {
    let reading = routes![me, session, handle, times, debug, admin, vault, key];
    let living = routes![
        login,
        logout,
        logout_and_fail,
        logout_and_panic,
        restart,
        rotate,
        rotate_touch_and_logout,
        authenticate,
        ttl,
        end_everyone
    ];
    let editing = routes![
        theme,
        redirect,
        role,
        notice,
        take_notice,
        nothing,
        large,
        save_large,
        save_and_answer,
        put,
        put_after_a_look,
        both
    ];
    let failing = routes![fail, panic, stream, stream_end];
    [reading, living, editing, failing].concat()
}
