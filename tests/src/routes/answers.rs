//! More pages of the site: what handlers and catchers answer beside a session.

use rocket::http::{Header, Status};
use rocket::response::{Redirect, Responder};
use rocket::{Build, Request, Rocket, catch, catchers, get, post, routes};
use rocket_typed_session::{GuardError, Session};

use crate::user::{Admin, Guest, GuestMut, Role, User, UserMut};

/// An answer with headers of the application's own.
#[derive(Responder)]
struct Headed {
    body: String,
    first: Header<'static>,
    second: Header<'static>,
}

impl Headed {
    fn new(cache_control: &'static str, vary: &'static str) -> Self {
        let (first, second) = (Header::new("Cache-Control", cache_control), Header::new("Vary", vary));
        Self { body: "headed".into(), first, second }
    }
}

#[get("/headed")]
fn headed(_user: &User) -> Headed {
    Headed::new("private, max-age=60", "Accept-Language")
}

#[get("/varying")]
fn varying(_user: &User) -> Headed {
    Headed::new("private", "*")
}

#[post("/headed-login/<id>")]
fn headed_login(session: Session<'_, User>, id: i64) -> Headed {
    session.start(User::new(id, Role::Member));
    Headed::new("private, max-age=60", "Accept-Language, cookie")
}

#[post("/unstored-login/<id>")]
fn unstored_login(session: Session<'_, User>, id: i64) -> Headed {
    session.start(User::new(id, Role::Member));
    Headed::new("No-Store", "Accept")
}

#[get("/not-modified")]
fn not_modified(_session: Session<'_, User>) -> (Status, ()) {
    (Status::NotModified, ())
}

#[post("/redirect/<theme>")]
fn redirect(mut user: UserMut<'_>, theme: &str) -> Redirect {
    user.set_theme(theme);
    Redirect::to("/me")
}

#[post("/redirected-login/<id>")]
fn redirected_login(session: Session<'_, User>, id: i64) -> Redirect {
    session.start(User::new(id, Role::Member));
    Redirect::to("/me")
}

#[post("/failed-login/<id>/<status>")]
fn failed_login(session: Session<'_, User>, id: i64, status: u16) -> Status {
    session.start(User::new(id, Role::Member));
    Status::new(status)
}

#[post("/panicked-login/<id>")]
fn panicked_login(session: Session<'_, User>, id: i64) {
    session.start(User::new(id, Role::Member));
    panic!("after signing in")
}

#[post("/rotate-and-edit/<theme>")]
fn rotate_and_edit(session: Session<'_, User>, theme: &str) {
    session.rotate();
    if let Some(mut user) = session.edit() {
        user.set_theme(theme);
    }
}

#[post("/rotate-and-fail/<status>")]
fn rotate_and_fail(session: Session<'_, User>, status: u16) -> Status {
    session.rotate();
    Status::new(status)
}

#[post("/taken-away/<theme>")]
fn taken_away(session: Session<'_, User>, theme: &str) {
    let _ = session.update(|user| theme.clone_into(&mut user.theme));
    session.end();
}

#[post("/login-both/<id>")]
fn login_both(session: Session<'_, User>, mut guest: GuestMut<'_>, id: i64) {
    session.start(User::new(id, Role::Member));
    guest.set_account(Some(id.to_string()));
}

#[get("/debug")]
fn debug(session: Session<'_, User>, guest: Session<'_, Guest>, user: UserMut<'_>) -> String {
    format!("{session:?} {guest:?} {user:?} {:?} {:?}", session.handle(), session.get())
}

#[get("/guest/times")]
fn guest_times(session: Session<'_, Guest>) -> String {
    format!("{:?} {:?}", session.expires_at(), session.authenticated_at())
}

#[post("/guest/begun")]
fn guest_begun(session: Session<'_, Guest>, mut guest: GuestMut<'_>) -> String {
    guest.add_hits(1);
    format!("{:?} {:?}", session.expires_at(), session.authenticated_at())
}

#[post("/begun/<id>")]
fn begun(session: Session<'_, User>, id: i64) -> String {
    session.start(User::new(id, Role::Member));
    super::times(session)
}

#[get("/optional-admin")]
fn optional_admin(admin: Option<Admin<'_>>) -> String {
    admin.map_or("nobody".into(), |admin| admin.id.to_string())
}

#[get("/told-admin")]
fn told_admin(admin: Result<Admin<'_>, GuardError>) -> String {
    admin.map_or_else(|error| format!("{error:?}"), |admin| admin.id.to_string())
}

#[catch(404)]
async fn lost(request: &Request<'_>) -> String {
    match request.guard::<&User>().await.succeeded() {
        Some(user) => format!("lost in {}", user.theme),
        None => "lost".into(),
    }
}

pub(super) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    let answering = routes![
        headed,
        varying,
        headed_login,
        unstored_login,
        not_modified,
        redirect,
        redirected_login,
        failed_login,
        panicked_login,
        rotate_and_edit,
        rotate_and_fail,
        taken_away,
        login_both,
        begun
    ];
    let reading = routes![debug, guest_times, guest_begun, optional_admin, told_admin];
    rocket.mount("/", answering).mount("/", reading).register("/lost", catchers![lost])
}
