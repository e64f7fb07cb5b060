//! What a handler answers that hands the error of a guard on.

use std::sync::Arc;
use std::time::Duration;

use rocket::http::Status;
use rocket::{Request, catch, catchers, get, post, routes};
use rocket_typed_session::testing::{Fault, FaultStorage, Operation};
use rocket_typed_session::{GuardError, Session, Unavailable};
use rocket_typed_session_tests::{Answer, App, AppBuilder, place};

#[derive(Clone, Session)]
#[session(required)]
#[session(guard(Admin, role = "admin"))]
#[session(guard(Recent, fresh = "15m"))]
#[session(guard(Perhaps, role = "admin", otherwise = forward))]
struct Member {
    #[session(role)]
    role: String,
}

#[post("/login/<role>")]
fn login(session: Session<'_, Member>, role: &str) {
    session.start(Member { role: role.into() });
}

#[get("/plain/member")]
fn plain_member(member: &Member) -> String {
    member.role.clone()
}

#[get("/plain/admin")]
fn plain_admin(admin: Admin<'_>) -> String {
    admin.role.clone()
}

#[get("/plain/recent")]
fn plain_recent(recent: Recent<'_>) -> String {
    recent.role.clone()
}

#[get("/plain/perhaps")]
fn plain_perhaps(perhaps: Perhaps<'_>) -> String {
    perhaps.role.clone()
}

#[get("/handed/member")]
fn handed_member(member: Result<&Member, GuardError>) -> Result<String, GuardError> {
    Ok(member?.role.clone())
}

#[get("/handed/admin")]
fn handed_admin(admin: Result<Admin<'_>, GuardError>) -> Result<String, GuardError> {
    Ok(admin?.role.clone())
}

#[get("/handed/recent")]
fn handed_recent(recent: Result<Recent<'_>, GuardError>) -> Result<String, GuardError> {
    Ok(recent?.role.clone())
}

/// A guard that forwards hands a `Result` no error: the next route is asked, as without it.
#[get("/handed/perhaps")]
fn handed_perhaps(perhaps: Result<Perhaps<'_>, GuardError>) -> Result<String, GuardError> {
    Ok(perhaps?.role.clone())
}

/// Somebody whose guards forward to the next route.
#[derive(Clone, Session)]
#[session(name = "passenger", required = forward)]
#[session(guard(Pilot, role = "pilot"))]
struct Passenger {
    #[session(role)]
    role: String,
}

#[post("/board/<role>")]
fn board(session: Session<'_, Passenger>, role: &str) {
    session.start(Passenger { role: role.into() });
}

#[get("/cockpit", rank = 1)]
fn cockpit(_pilot: Pilot<'_>) -> &'static str {
    "cockpit"
}

#[get("/<_place>", rank = 2)]
fn cabin(_passenger: &Passenger, _place: &str) -> &'static str {
    "cabin"
}

#[get("/<_place>", rank = 3)]
fn gate(_place: &str) -> &'static str {
    "gate"
}

/// Refuses for a reason that no guard had.
#[get("/conflict")]
fn conflict(_member: &Member) -> Result<(), GuardError> {
    Err(GuardError::Conflict("role".into()))
}

#[catch(default)]
fn catcher(status: Status, request: &Request<'_>) -> String {
    format!("{} {:?}", status.code, GuardError::of(request))
}

fn builder() -> AppBuilder {
    App::builder()
        .mount(routes![plain_member, plain_admin, plain_recent, plain_perhaps, login, conflict])
        .mount(routes![handed_member, handed_admin, handed_recent, handed_perhaps])
        .register(catchers![catcher])
}

fn text(answer: &Answer) -> (u16, &str) {
    (answer.code(), answer.body.as_str())
}

#[rocket::async_test]
async fn an_error_handed_on_answers_as_its_guard_would_have() {
    let app = builder().sessions::<Member>(place::storage()).open().await;
    let (nobody, member) = (app.browser(), app.browser());
    member.post("/login/member").await;
    member.get("/plain/member").await;
    app.clock.advance(Duration::from_mins(20));
    let expected = [
        (&nobody, "member", (401, "401 Some(Missing)")),
        (&nobody, "admin", (401, "401 Some(Missing)")),
        (&nobody, "recent", (401, "401 Some(Missing)")),
        (&nobody, "perhaps", (401, "401 Some(Missing)")),
        (&member, "member", (200, "member")),
        (&member, "admin", (403, "403 Some(Forbidden)")),
        (&member, "recent", (401, "401 Some(Stale)")),
        (&member, "perhaps", (403, "403 Some(Forbidden)")),
    ];
    for (browser, guard, expected) in expected {
        for way in ["plain", "handed"] {
            let answer = browser.get(&format!("/{way}/{guard}")).await;
            assert_eq!(text(&answer), expected, "{way} {guard}");
        }
    }
}

#[rocket::async_test]
async fn catchers_are_told_the_reason_of_a_handler() {
    let app = builder().sessions::<Member>(place::storage()).open().await;
    let browser = app.browser();
    browser.post("/login/member").await;
    assert_eq!(text(&browser.get("/conflict").await), (409, "409 Some(Conflict(\"role\"))"));
}

#[rocket::async_test]
async fn a_storage_that_fails_is_answered_alike_where_handlers_decide() {
    let storage = Arc::new(FaultStorage::new(place::storage()));
    let app = builder().config(|config| config.unavailable = Unavailable::Pass);
    let app = app.sessions::<Member>(storage.clone()).open().await;
    let browser = app.browser();
    browser.post("/login/member").await;
    storage.fail(Operation::Load, Fault::Before);
    for way in ["plain", "handed"] {
        assert_eq!(text(&browser.get(&format!("/{way}/member")).await), (503, "503 Some(Storage)"), "{way}");
    }
}

/// `required = forward` holds for named guards, too; a failure of the storage is forwarded to nobody.
#[rocket::async_test]
async fn guards_that_forward_leave_the_request_to_the_next_route() {
    let storage = Arc::new(FaultStorage::new(place::storage()));
    let app = App::builder()
        .sessions::<Passenger>(storage.clone())
        .mount(routes![board, cockpit, cabin, gate])
        .register(catchers![catcher])
        .open()
        .await;
    let (nobody, passenger, pilot) = (app.browser(), app.browser(), app.browser());
    passenger.post("/board/guest").await;
    pilot.post("/board/pilot").await;
    for (browser, place) in [(&nobody, "gate"), (&passenger, "cabin"), (&pilot, "cockpit")] {
        assert_eq!(text(&browser.get("/cockpit").await), (200, place));
    }
    storage.fail(Operation::Load, Fault::Before);
    assert_eq!(text(&passenger.get("/cockpit").await), (503, "503 Some(Storage)"));
}
