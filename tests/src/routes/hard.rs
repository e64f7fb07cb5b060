//! Pages that use sessions as no page should have to.

#![allow(clippy::panic, reason = "some pages show what comes of a panic")]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Cookie, CookieJar, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::TextStream;
use rocket::response::{Redirect, Responder};
use rocket::tokio::join;
use rocket::{Build, Request, Rocket, State, async_trait, catch, catchers, get, post, routes};
use rocket_typed_session::{Session, SessionError, Sessions};

use crate::user::{Admin, GuestMut, Role, User, UserMut};

type Answer<T> = Result<T, SessionError>;

/// Every guard at once, and whether they borrow the same data.
struct Crowd {
    same: bool,
    text: String,
}

#[async_trait]
impl<'r> FromRequest<'r> for Crowd {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let (first, second, owned, session, edited, admin) = join!(
            <&User>::from_request(request),
            <&User>::from_request(request),
            User::from_request(request),
            Session::<'_, User>::from_request(request),
            UserMut::from_request(request),
            Admin::from_request(request)
        );
        let text = format!(
            "{} {} {} {}",
            owned.is_success(),
            session.succeeded().is_some_and(|session| session.get().is_some()),
            edited.is_success(),
            admin.is_success()
        );
        let same = matches!((first, second), (Outcome::Success(a), Outcome::Success(b)) if std::ptr::eq(a, b));
        Outcome::Success(Self { same, text })
    }
}

#[get("/crowd")]
fn crowd(
    crowd: Crowd,
    user: Option<&User>,
    owned: Option<User>,
    session: Session<'_, User>,
    admin: Option<Admin<'_>>,
) -> String {
    let Crowd { same, text } = crowd;
    let (owned, got) = (owned.is_some(), session.get().is_some());
    format!("{same} {text} | {} {owned} {got} {}", user.is_some(), admin.is_some())
}

#[post("/crowd/<theme>")]
fn crowd_edits(crowd: Crowd, mut first: UserMut<'_>, second: UserMut<'_>, theme: &str) -> Answer<String> {
    first.set_theme(theme);
    second.session().update(|user| theme.clone_into(&mut user.language))?;
    first.add_visits(1);
    Ok(format!("{} {}", crowd.same, second.visits()))
}

#[get("/take-and-edit/<theme>")]
fn take_and_edit(mut user: UserMut<'_>, theme: &str) -> String {
    user.set_theme(theme);
    user.take_notice().unwrap_or_default()
}

#[get("/take-and-save")]
async fn take_and_save(mut user: UserMut<'_>) -> Answer<String> {
    let notice = user.take_notice().unwrap_or_default();
    user.session().save().await?;
    Ok(notice)
}

#[get("/take-and-update/<text>")]
fn take_and_update(mut user: UserMut<'_>, text: &str) -> Answer<()> {
    user.take_notice();
    user.update(|user| user.notice = Some(text.to_owned()))
}

#[get("/take-and-set/<text>")]
fn take_and_set(mut user: UserMut<'_>, text: String) {
    user.take_notice();
    user.set_notice(Some(text));
}

#[post("/set-and-take/<text>")]
fn set_and_take(mut user: UserMut<'_>, text: String) -> String {
    user.set_notice(Some(text));
    user.take_notice().unwrap_or_default()
}

#[post("/end-while-starting/<id>")]
async fn end_while_starting(session: Session<'_, User>, id: i64) -> String {
    session.start(User::new(id, Role::Member));
    let (saved, ()) = join!(session.save(), async { session.end() });
    format!("{saved:?} {}", session.get().is_some())
}

#[post("/end-while-rotating")]
async fn end_while_rotating(session: Session<'_, User>) -> String {
    session.rotate();
    let (saved, ()) = join!(session.save(), async { session.end() });
    format!("{saved:?} {}", session.get().is_some())
}

#[post("/start-while-saving/<id>")]
async fn start_while_saving(session: Session<'_, User>, id: i64) -> Answer<String> {
    session.update(|user| user.theme = "saved".into())?;
    let (saved, ()) = join!(session.save(), async { session.start(User::new(id, Role::Member)) });
    Ok(format!("{saved:?}"))
}

#[post("/edit-while-saving/<theme>")]
async fn edit_while_saving(session: Session<'_, User>, theme: &str) -> Answer<String> {
    session.update(|user| user.visits += 1)?;
    let (saved, updated) = join!(session.save(), async {
        session.update(|user| {
            theme.clone_into(&mut user.theme);
            user.visits += 1;
        })
    });
    updated?;
    Ok(format!("{saved:?}"))
}

#[post("/add-while-saving")]
async fn add_while_saving(mut user: UserMut<'_>) -> Answer<String> {
    user.add_visits(5);
    let session = user.session().clone();
    let (saved, ()) = join!(session.save(), async {
        user.add_visits(1);
        user.add_visits(1);
    });
    saved?;
    Ok(user.visits().to_string())
}

#[post("/save-and-end-all")]
async fn save_and_end_all(mut user: UserMut<'_>) -> Answer<String> {
    user.set_theme("dark");
    let session = user.session().clone();
    let (saved, ended) = join!(session.save(), session.end_all());
    saved?;
    Ok(format!("{:?}", ended?))
}

#[post("/abandon-end")]
async fn abandon_end(session: Session<'_, User>) -> &'static str {
    session.end();
    let mut save = pin!(session.save());
    // It is begun, and dropped before the storage answers.
    poll_fn(|context| {
        let _ = save.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
    "abandoned"
}

#[post("/end-own-new")]
async fn end_own_new(session: Session<'_, User>) -> Answer<String> {
    session.start(User::new(7, Role::Member));
    let Some(handle) = session.handle() else { return Ok("no handle".into()) };
    let ended = session.end_one(&handle).await?;
    Ok(format!("{ended:?} {}", session.get().is_some()))
}

#[post("/start-and-end/<id>")]
fn start_and_end(session: Session<'_, User>, id: i64) {
    session.start(User::new(id, Role::Member));
    session.end();
}

#[post("/start-and-end-all/<id>")]
async fn start_and_end_all(session: Session<'_, User>, id: i64) -> Answer<String> {
    session.start(User::new(id, Role::Member));
    Ok(format!("{:?}", session.end_all().await?))
}

#[post("/end-all-and-start/<id>")]
async fn end_all_and_start(session: Session<'_, User>, id: i64) -> Answer<()> {
    session.end_all().await?;
    session.start(User::new(id, Role::Member));
    Ok(())
}

#[post("/save-twice/<text>")]
async fn save_twice(mut user: UserMut<'_>, text: &str) -> Answer<()> {
    user.set_theme(text);
    user.session().save().await?;
    user.set_language(text);
    user.session().save().await
}

#[post("/start-save-edit/<id>")]
async fn start_save_edit(session: Session<'_, User>, id: i64) -> Answer<()> {
    session.start(User::new(id, Role::Member));
    session.save().await?;
    session.update(|user| user.theme = "second".into())
}

#[post("/rotate-save-ttl/<seconds>")]
async fn rotate_save_ttl(session: Session<'_, User>, seconds: u64) -> Answer<()> {
    session.rotate();
    session.save().await?;
    session.set_ttl(Duration::from_secs(seconds));
    Ok(())
}

#[post("/add/<first>/<second>")]
fn add(mut user: UserMut<'_>, first: i64, second: i64) -> String {
    user.add_visits(first);
    user.add_visits(second);
    user.visits().to_string()
}

#[post("/replace-cart/<product>")]
fn replace_cart(mut user: UserMut<'_>, product: u32) -> Answer<()> {
    user.set_cart([(product, 1)].into())
}

#[post("/same-role")]
fn same_role(mut user: UserMut<'_>) {
    let role = *user.role();
    user.set_role(role);
}

/// An answer with everything that a handler can put into one.
struct Rich;

impl<'r> Responder<'r, 'static> for Rich {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = Redirect::to("/secret").respond_to(request)?;
        let body = "the secret page";
        response.set_header(ContentType::HTML);
        response.set_sized_body(body.len(), std::io::Cursor::new(body));
        for (name, value) in [
            ("ETag", "\"secret\""),
            ("Cache-Control", "public, max-age=3600"),
            ("Content-Disposition", "attachment; filename=secret"),
            ("Refresh", "0; url=/secret"),
            ("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            response.set_header(Header::new(name, value));
        }
        Ok(response)
    }
}

#[post("/rich/<theme>")]
fn rich(mut user: UserMut<'_>, jar: &CookieJar<'_>, theme: &str) -> Rich {
    user.set_theme(theme);
    jar.add(Cookie::new("jar", "secret"));
    Rich
}

#[post("/edit")]
fn edit(mut user: UserMut<'_>) -> &'static str {
    user.add_visits(1);
    "the answer"
}

#[post("/panic/<theme>")]
fn panicking(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
    panic!("after an edit")
}

/// Says all that an application has in its hands.
#[post("/panic-with-everything")]
fn panic_with_everything(user: UserMut<'_>, session: Session<'_, User>, sessions: &State<Sessions<User>>) {
    panic!("{user:?} {session:?} {:?} {sessions:?}", session.get())
}

#[post("/save-anyway/<theme>")]
async fn save_anyway(mut user: UserMut<'_>, theme: &str) -> String {
    user.set_theme(theme);
    let saved = user.session().save().await;
    user.add_visits(1);
    user.session().rotate();
    format!("{saved:?}")
}

#[post("/save-anyway-and/<what>")]
async fn save_anyway_and(session: Session<'_, User>, what: &str) -> String {
    let _ = session.update(|user| user.theme = "dark".into());
    let _ = session.save().await;
    match what {
        "start" => session.start(User::new(8, Role::Member)),
        "set" => session.set(User { theme: "set".into(), ..User::new(7, Role::Member) }),
        "become" => session.set(User::new(8, Role::Member)),
        "rotate" => session.rotate(),
        "authenticate" => session.mark_authenticated(),
        _ => session.set_ttl(Duration::from_hours(2)),
    }
    session.get().map_or_else(String::new, |user| format!("{} {}", user.id, user.theme))
}

#[post("/save-and-end/<theme>")]
async fn save_and_end(mut user: UserMut<'_>, theme: &str) -> &'static str {
    user.set_theme(theme);
    let _ = user.session().save().await;
    user.session().end();
    "ended"
}

#[post("/slow/<theme>/<millis>")]
async fn slow(mut user: UserMut<'_>, theme: &str, millis: u64) {
    rocket::tokio::time::sleep(Duration::from_millis(millis)).await;
    user.set_theme(theme);
}

#[post("/guest-and-rotate/<text>")]
fn guest_and_rotate(mut guest: GuestMut<'_>, mut user: UserMut<'_>, text: &str) {
    guest.set_search(text);
    user.set_theme(text);
    user.session().rotate();
}

#[get("/take-and-fail")]
fn take_and_fail(mut user: UserMut<'_>) -> Status {
    user.take_notice();
    Status::InternalServerError
}

#[post("/start-and-fail/<status>")]
fn start_and_fail(session: Session<'_, User>, status: u16) -> Status {
    session.start(User::new(7, Role::Member));
    Status::new(status)
}

#[get("/start-and-stream")]
fn start_and_stream(session: Session<'_, User>) -> TextStream![String + '_] {
    session.start(User::new(9, Role::Member));
    TextStream! {
        yield session.get().map_or_else(String::new, |user| user.id.to_string());
    }
}

/// An answer that says something of caches itself.
struct Cached<'r> {
    vary: &'r str,
    cache: &'r str,
}

impl<'r> Responder<'r, 'static> for Cached<'_> {
    fn respond_to(self, _request: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = rocket::Response::new();
        response.set_header(Header::new("Vary", self.vary.to_owned()));
        response.set_header(Header::new("Cache-Control", self.cache.to_owned()));
        Ok(response)
    }
}

#[post("/cached/start?<vary>&<cache>")]
fn cached_start<'r>(session: Session<'_, User>, vary: &'r str, cache: &'r str) -> Cached<'r> {
    session.start(User::new(7, Role::Member));
    Cached { vary, cache }
}

#[post("/cached/read?<vary>&<cache>")]
fn cached_read<'r>(_user: &User, vary: &'r str, cache: &'r str) -> Cached<'r> {
    Cached { vary, cache }
}

#[post("/end-and-panic")]
fn end_and_panic(session: Session<'_, User>) {
    session.end();
    panic!("after signing out")
}

#[post("/forget")]
fn forget(mut guest: GuestMut<'_>) {
    guest.set_account(None);
}

#[post("/guest-save/<text>")]
async fn guest_save(mut guest: GuestMut<'_>, text: &str) -> String {
    guest.set_search(text);
    format!("{:?}", guest.session().save().await)
}

#[post("/edit-guest")]
fn edit_guest(mut guest: GuestMut<'_>) -> &'static str {
    guest.add_hits(1);
    "hit"
}

#[get("/stream-edits")]
fn stream_edits(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        session.set_ttl(Duration::from_hours(1));
        yield format!("{:?}", session.save().await);
        let _ = session.update(|user| user.theme = "late".into());
        yield format!(" {:?}", session.save().await);
        session.end();
        yield format!(" {:?}", session.save().await);
    }
}

#[get("/stream-slowly")]
fn stream_slowly(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        for space in ["", " ", " "] {
            let _ = session.update(|user| user.visits += 1);
            yield format!("{space}{:?}", session.save().await);
        }
    }
}

#[get("/stream-often")]
fn stream_often(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        for _ in 0..5 {
            let _ = session.update(|user| user.visits += 1);
            yield format!("{:?} ", session.save().await);
        }
    }
}

#[post("/save-often-and-start/<id>")]
async fn save_often_and_start(session: Session<'_, User>, id: i64) -> Answer<()> {
    for _ in 0..3 {
        session.update(|user| user.visits += 1)?;
        session.save().await?;
    }
    session.start(User::new(id, Role::Member));
    session.save().await
}

#[get("/stream-end-unsaved")]
fn stream_end_unsaved(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        session.end();
        yield "ended".to_owned();
    }
}

#[get("/stream-start")]
fn stream_start(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        session.start(User::new(9, Role::Member));
        yield format!("{:?}", session.save().await);
    }
}

#[catch(503)]
fn area_unavailable() -> (ContentType, &'static str) {
    (ContentType::HTML, "area 503")
}

#[catch(default)]
fn area_default(status: Status, _request: &Request<'_>) -> String {
    format!("area default {}", status.code)
}

#[catch(default)]
fn deep_default(status: Status, _request: &Request<'_>) -> String {
    format!("deep default {}", status.code)
}

#[catch(default)]
fn broken() -> &'static str {
    panic!("in a catcher")
}

#[catch(default)]
fn redirecting() -> Redirect {
    Redirect::to("/login")
}

#[catch(default)]
async fn asking(status: Status, request: &Request<'_>) -> String {
    let user = <&User>::from_request(request).await;
    format!("{} {:?}", status.code, user.succeeded().map(|user| user.id))
}

#[post("/edit/<theme>")]
fn edit_to_be_told(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
}

#[post("/start/<id>")]
fn start_to_be_told(session: Session<'_, User>, id: i64) {
    session.start(User::new(id, Role::Member));
}

#[catch(default)]
async fn telling(request: &Request<'_>) -> String {
    let session = Session::<'_, User>::from_request(request).await.succeeded();
    session.map_or_else(String::new, |session| {
        let user = session.get().map(|user| (user.id, user.theme.clone()));
        format!("{user:?} {:?} {:?}", session.handle(), session.expires_at())
    })
}

pub(super) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    let own = routes![
        crowd,
        crowd_edits,
        take_and_edit,
        take_and_save,
        take_and_update,
        take_and_set,
        set_and_take,
        end_while_starting,
        end_while_rotating,
        start_while_saving,
        edit_while_saving,
        add_while_saving,
        save_and_end_all,
        abandon_end,
        end_own_new,
        start_and_end,
        start_and_end_all,
        end_all_and_start,
        save_twice,
        start_save_edit,
        rotate_save_ttl,
        add,
        replace_cart,
        same_role,
        rich,
        edit,
        save_anyway,
        save_anyway_and,
        save_and_end,
        slow,
        guest_and_rotate,
        take_and_fail,
        start_and_fail,
        start_and_stream,
        cached_start,
        cached_read,
        forget,
        guest_save,
        stream_edits,
        stream_slowly,
        stream_often,
        save_often_and_start,
        stream_end_unsaved,
        stream_start,
        panic_with_everything
    ];
    rocket
        .attach(AdHoc::on_response("Other", |_, response| {
            Box::pin(async {
                response.set_raw_header("X-Other", "stays");
            })
        }))
        .mount("/hard", own)
        .mount("/hard/area", routes![edit, rich])
        .mount("/hard/area/deep", routes![edit])
        .mount("/hard/broken", routes![edit])
        .mount("/hard/redirecting", routes![edit, panicking, end_and_panic])
        .mount("/hard/asking", routes![edit_guest])
        .mount("/hard/telling", routes![edit_to_be_told, start_to_be_told])
        .register("/hard/area", catchers![area_unavailable, area_default])
        .register("/hard/area/deep", catchers![deep_default])
        .register("/hard/broken", catchers![broken])
        .register("/hard/redirecting", catchers![redirecting])
        .register("/hard/asking", catchers![asking])
        .register("/hard/telling", catchers![telling])
}
