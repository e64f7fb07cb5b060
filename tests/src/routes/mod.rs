//! The pages of the site: each does one thing to a session.

mod answers;
mod hard;

use std::time::Duration;

use rocket::http::Status;
use rocket::response::content::RawText;
use rocket::response::stream::TextStream;
use rocket::{Build, Request, Rocket, catch, catchers, get, post, routes};
use rocket_typed_session::{GuardError, Handle, Session, SessionError};

use crate::user::{Admin, Guest, GuestMut, Perhaps, Role, User, UserMut, Vault};

type Answer<T> = Result<T, SessionError>;

#[get("/public")]
fn public() -> &'static str {
    "public"
}

#[get("/me")]
fn me(user: &User) -> String {
    let User { id, role, theme, language, nickname, visits, cart, marks, notice, .. } = user;
    format!("{id} {role:?} {theme} {language} {nickname} {visits} {cart:?} {marks:?} {notice:?}")
}

#[get("/owned")]
fn owned(user: User) -> String {
    user.theme
}

#[get("/maybe")]
fn maybe(user: Option<&User>) -> String {
    user.map_or("nobody".into(), |user| user.theme.clone())
}

#[get("/why")]
fn why(user: Result<&User, GuardError>) -> String {
    user.map_or_else(|error| format!("{error:?}"), |user| user.theme.clone())
}

#[get("/session")]
fn session(session: Session<'_, User>) -> String {
    session.get().map_or("nobody".into(), |user| user.theme.clone())
}

#[get("/times")]
fn times(session: Session<'_, User>) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        session.created_at(),
        session.seen_at(),
        session.expires_at(),
        session.authenticated_at()
    )
}

#[get("/handle")]
fn handle(session: Session<'_, User>) -> String {
    session.handle().map_or("none".into(), |handle| handle.to_string())
}

#[post("/login/<id>/<role>")]
fn login(session: Session<'_, User>, id: i64, role: &str) -> String {
    let role = if role == "admin" { Role::Admin } else { Role::Member };
    session.start(User::new(id, role));
    session.handle().map_or("none".into(), |handle| handle.to_string())
}

#[post("/remember/<id>/<seconds>")]
fn remember(session: Session<'_, User>, id: i64, seconds: u64) {
    session.start(User::new(id, Role::Member));
    session.set_ttl(Duration::from_secs(seconds));
}

#[post("/ttl/<seconds>")]
fn ttl(session: Session<'_, User>, seconds: u64) {
    session.set_ttl(Duration::from_secs(seconds));
}

#[post("/set/<id>")]
fn set(session: Session<'_, User>, id: i64) {
    session.set(User { theme: "set".into(), ..User::new(id, Role::Member) });
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

#[post("/logout/panic", rank = 0)]
fn logout_and_panic(session: Session<'_, User>) {
    session.end();
    panic!("after signing out")
}

#[post("/all-at-once")]
fn rotate_touch_and_logout(session: Session<'_, User>) {
    session.rotate();
    session.mark_authenticated();
    session.end();
}

#[post("/restart/<id>")]
fn end_and_start(session: Session<'_, User>, id: i64) {
    session.end();
    session.start(User::new(id, Role::Member));
}

#[post("/rotate")]
fn rotate(session: Session<'_, User>) {
    session.rotate();
}

#[post("/authenticate")]
fn authenticate(session: Session<'_, User>) {
    session.mark_authenticated();
}

#[post("/theme/<theme>")]
fn theme(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
}

#[post("/language/<language>")]
fn language(mut user: UserMut<'_>, language: &str) {
    user.set_language(language);
}

#[post("/nickname/<nickname>")]
fn nickname(mut user: UserMut<'_>, nickname: &str) {
    user.set_nickname(nickname);
}

#[post("/visit")]
fn visit(mut user: UserMut<'_>) {
    user.add_visits(1);
}

#[post("/visits/<visits>")]
fn visits(mut user: UserMut<'_>, visits: u64) {
    user.set_visits(visits);
}

#[post("/cart/<product>/<quantity>")]
fn cart(mut user: UserMut<'_>, product: u32, quantity: u32) -> Answer<()> {
    if quantity == 0 {
        user.remove_cart(&product);
        return Ok(());
    }
    user.insert_cart(product, quantity)
}

#[post("/mark/<mark>")]
fn mark(mut user: UserMut<'_>, mark: String) -> Answer<()> {
    user.insert_marks(mark)
}

#[post("/unmark/<mark>")]
fn unmark(mut user: UserMut<'_>, mark: &str) {
    user.remove_marks(mark);
}

#[post("/role/<role>")]
fn role(mut user: UserMut<'_>, role: &str) {
    user.set_role(if role == "admin" { Role::Admin } else { Role::Member });
}

#[post("/identify/<id>")]
fn identify(mut user: UserMut<'_>, id: i64) {
    user.set_id(id);
}

#[post("/phone/<phone>")]
fn phone(mut user: UserMut<'_>, phone: &str) -> RawText<String> {
    user.set_phone(phone);
    RawText(format!("{:?} {user:?}", User::clone(&user)))
}

#[post("/notice/<text>")]
fn notice(mut user: UserMut<'_>, text: String) {
    user.set_notice(Some(text));
}

#[get("/notice")]
fn take_notice(mut user: UserMut<'_>) -> String {
    user.take_notice().unwrap_or_else(|| "none".into())
}

#[post("/update/<theme>")]
fn update(mut user: UserMut<'_>, theme: &str) -> Answer<()> {
    user.update(|user| {
        user.theme = theme.to_owned();
        user.visits += 1;
        user.cart.insert(99, 1);
    })
}

#[post("/nothing")]
fn nothing(mut user: UserMut<'_>) {
    let (theme, visits) = (user.theme.clone(), user.visits);
    user.set_theme(theme);
    user.set_visits(visits);
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

#[post("/save/<theme>")]
async fn save(mut user: UserMut<'_>, theme: &str) -> Answer<&'static str> {
    user.set_theme(theme);
    user.session().save().await?;
    Ok("saved")
}

#[post("/save-and-fail/<theme>/<status>")]
async fn save_and_fail(mut user: UserMut<'_>, theme: &str, status: u16) -> Answer<Status> {
    user.set_theme(theme);
    user.session().save().await?;
    Ok(Status::new(status))
}

#[post("/rotate-save-and-fail")]
async fn rotate_save_and_fail(session: Session<'_, User>) -> Answer<Status> {
    session.rotate();
    session.save().await?;
    Ok(Status::InternalServerError)
}

#[post("/try-save/<nickname>")]
async fn try_save(mut user: UserMut<'_>, nickname: &str) -> String {
    user.set_nickname(nickname);
    format!("{:?}", user.session().save().await)
}

#[get("/stream/<theme>")]
fn stream<'r>(session: Session<'r, User>, theme: &'r str) -> TextStream![String + 'r] {
    TextStream! {
        let _ = session.update(|user| user.theme = theme.to_owned());
        yield format!("{:?}", session.save().await);
        session.rotate();
        yield format!(" {:?}", session.save().await);
    }
}

#[get("/stream-unsaved/<theme>")]
fn stream_unsaved<'r>(session: Session<'r, User>, theme: &'r str) -> TextStream![String + 'r] {
    TextStream! {
        let _ = session.update(|user| user.theme = theme.to_owned());
        yield "unsaved".to_owned();
    }
}

#[get("/stream-end")]
fn stream_end(session: Session<'_, User>) -> TextStream![String + '_] {
    TextStream! {
        session.end();
        yield format!("{:?}", session.save().await);
    }
}

#[post("/two-handles")]
fn two_handles(mut first: UserMut<'_>, mut second: UserMut<'_>, reader: &User) -> String {
    first.set_theme("first");
    let seen = second.theme().clone();
    second.set_language("second");
    second.add_visits(2);
    first.add_visits(3);
    format!("{seen} {} {} {}", first.language(), first.visits(), reader.theme)
}

#[post("/edit-after-end")]
fn edit_after_end(mut user: UserMut<'_>) {
    user.session().end();
    user.set_theme("ghost");
}

#[get("/admin")]
fn admin(admin: Admin<'_>) -> String {
    format!("hello {}", admin.id)
}

#[get("/vault")]
fn vault(vault: Vault<'_>) -> String {
    format!("vault of {}", vault.id)
}

#[get("/perhaps")]
fn perhaps(admin: Perhaps<'_>) -> String {
    format!("admin {}", admin.id)
}

#[get("/perhaps", rank = 2)]
fn perhaps_not() -> &'static str {
    "somebody"
}

#[get("/list")]
async fn list(session: Session<'_, User>) -> Answer<String> {
    let Some(entries) = session.list().await? else { return Ok("none".into()) };
    let lines = entries.iter().map(|entry| {
        format!("{} {} {} {:?} {:?}\n", entry.handle, entry.current, entry.data.theme, entry.ip, entry.agent)
    });
    Ok(lines.collect())
}

#[post("/end/<handle>")]
async fn end_one(session: Session<'_, User>, handle: &str) -> Answer<String> {
    let Ok(handle) = handle.parse::<Handle>() else { return Ok("no handle".into()) };
    Ok(format!("{:?}", session.end_one(&handle).await?))
}

#[post("/end-others")]
async fn end_others(session: Session<'_, User>) -> Answer<String> {
    Ok(format!("{:?}", session.end_others().await?))
}

#[post("/end-all")]
async fn end_all(session: Session<'_, User>) -> Answer<String> {
    Ok(format!("{:?}", session.end_all().await?))
}

#[post("/end-all-and-edit")]
async fn end_all_and_edit(mut user: UserMut<'_>) -> Answer<String> {
    user.set_theme("zombie");
    Ok(format!("{:?}", user.session().end_all().await?))
}

#[get("/guest")]
fn guest(guest: &Guest) -> String {
    format!("{:?} {} {}", guest.account, guest.hits, guest.search)
}

#[post("/guest/hit")]
fn hit(mut guest: GuestMut<'_>) -> String {
    guest.add_hits(1);
    guest.hits().to_string()
}

#[post("/guest/search/<text>")]
fn search(mut guest: GuestMut<'_>, text: &str) {
    guest.set_search(text);
}

#[post("/guest/account/<account>")]
fn account(mut guest: GuestMut<'_>, account: String) {
    guest.set_account(Some(account));
}

#[post("/guest/start/<account>")]
fn guest_start(session: Session<'_, Guest>, account: String) {
    session.start(Guest { account: Some(account), ..Guest::default() });
}

#[post("/guest/ttl")]
fn guest_ttl(session: Session<'_, Guest>) {
    session.set_ttl(Duration::from_hours(240));
}

#[post("/guest/ttl-and-hit")]
fn guest_ttl_and_hit(mut guest: GuestMut<'_>) {
    guest.session().set_ttl(Duration::from_hours(240));
    guest.add_hits(1);
}

#[post("/guest/end")]
fn guest_end(session: Session<'_, Guest>) {
    session.end();
}

#[get("/guest/session")]
fn guest_session(session: Session<'_, Guest>) -> String {
    session.get().map_or("nobody".into(), |guest| guest.hits.to_string())
}

#[post("/both/<theme>")]
fn both(mut guest: GuestMut<'_>, mut user: UserMut<'_>, theme: &str) {
    guest.set_search(theme);
    user.set_theme(theme);
}

#[catch(default)]
fn caught(status: Status, request: &Request<'_>) -> String {
    format!("{} {:?}", status.code, GuardError::of(request))
}

pub(crate) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    let reading = routes![public, me, owned, maybe, why, session, times, handle, guest, guest_session];
    let living = routes![
        login,
        remember,
        ttl,
        set,
        logout,
        logout_and_fail,
        logout_and_panic,
        rotate_touch_and_logout,
        end_and_start,
        rotate,
        authenticate,
        guest_start,
        guest_ttl,
        guest_ttl_and_hit,
        guest_end
    ];
    let editing = routes![
        theme,
        language,
        nickname,
        visit,
        visits,
        cart,
        mark,
        unmark,
        role,
        identify,
        phone,
        notice,
        take_notice,
        update,
        nothing,
        two_handles,
        edit_after_end,
        hit,
        search,
        account,
        both
    ];
    let failing = routes![fail, panic, save, save_and_fail, rotate_save_and_fail, try_save];
    let streaming = routes![stream, stream_unsaved, stream_end];
    let guarded = routes![admin, vault, perhaps, perhaps_not];
    let grouped = routes![list, end_one, end_others, end_all, end_all_and_edit];
    let rocket = hard::mount(answers::mount(rocket));
    rocket
        .mount("/", reading)
        .mount("/", living)
        .mount("/", editing)
        .mount("/", failing)
        .mount("/", streaming)
        .mount("/", guarded)
        .mount("/", grouped)
        .register("/", catchers![caught])
}
