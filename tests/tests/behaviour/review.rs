//! Ends, replaced answers and debug output, seen from odd places.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use rocket::data::{IoHandler, IoStream};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Responder};
use rocket::{Request, Response, async_trait, get, post, routes};
use rocket_typed_session::record::{FieldPatch, FieldText, Fields, Meta, MetaPatch, Patch, Record};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::storage::{Loaded, Rotation, Via};
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, ParkStorage, When};
use rocket_typed_session::{Handle, Session, Sessions, Timestamp};
use rocket_typed_session_tests::{App, Browser, Role, User, UserMut, figment};

#[post("/start-and-end/<id>")]
fn start_and_end(session: Session<'_, User>, id: i64) -> String {
    session.start(User::new(id, Role::Admin));
    let mut user = session.edit().unwrap();
    session.end();
    user.set_theme("dark");
    let again = session.update(|user| user.theme = "blue".into());
    format!("{} {again:?}", session.get().is_some())
}

#[rocket::async_test]
async fn what_began_and_ended_in_one_request_is_not_begun_again_by_an_edit() {
    let memory = Arc::new(MemoryStorage::new());
    let app = App::builder().sessions::<User>(memory.clone()).mount(routes![start_and_end]).open().await;
    let answer = app.browser().post("/start-and-end/7").await;
    assert_eq!(answer.body, "false Err(Missing)");
    assert!(answer.cookies.is_empty(), "{answer:?}");
    assert!(memory.is_empty());
}

/// Who may do something without a session too, if the default may.
#[derive(Clone, Default, Session)]
#[session(name = "staff", role = "admin")]
struct Staff {
    #[session(role)]
    role: String,
}

#[derive(Clone, Default, Session)]
#[session(name = "visitor")]
struct Visitor {
    theme: String,
}

#[post("/begin")]
fn begin(staff: Session<'_, Staff>, visitor: Session<'_, Visitor>) {
    staff.start(Staff { role: "admin".into() });
    visitor.start(Visitor { theme: "dark".into() });
}

/// What guards say once the session has ended.
struct AfterEnd(String);

#[async_trait]
impl<'r> FromRequest<'r> for AfterEnd {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let staff = Session::<Staff>::from_request(request).await.unwrap();
        let visitor = Session::<Visitor>::from_request(request).await.unwrap();
        assert!(staff.get().is_some() && visitor.get().is_some());
        staff.end();
        visitor.end();
        let staff = <&Staff>::from_request(request).await.is_success();
        let visitor = <&Visitor>::from_request(request).await.unwrap();
        Outcome::Success(Self(format!("{staff} {:?}", visitor.theme)))
    }
}

#[get("/after-end")]
fn after_end(after: AfterEnd) -> String {
    after.0
}

#[rocket::async_test]
async fn after_its_end_guards_see_nothing_of_a_session() {
    let app = App::builder()
        .sessions::<Staff>(MemoryStorage::new())
        .sessions::<Visitor>(MemoryStorage::new())
        .mount(routes![begin, after_end])
        .open()
        .await;
    let browser = app.browser();
    assert_eq!(browser.post("/begin").await.cookies.len(), 2);
    assert_eq!(browser.get("/after-end").await.body, "false \"\"");
}

/// An answer that asks for another protocol.
struct Upgrade;

#[async_trait]
impl IoHandler for Upgrade {
    async fn io(self: Pin<Box<Self>>, _: IoStream) -> io::Result<()> {
        Ok(())
    }
}

impl<'r> Responder<'r, 'r> for Upgrade {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        Response::build().upgrade("chat", self).ok()
    }
}

#[get("/chat")]
fn chat(mut user: UserMut<'_>) -> Upgrade {
    user.add_visits(1);
    Upgrade
}

#[post("/login")]
fn login(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[rocket::async_test]
async fn what_could_not_be_committed_is_not_upgraded() {
    let storage = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let upgraded = Arc::new(AtomicBool::new(false));
    let seen = upgraded.clone();
    let look = AdHoc::on_response("look", move |_, response| {
        seen.store(response.upgrade("chat").is_some(), Ordering::Relaxed);
        Box::pin(async {})
    });
    let rocket = rocket::custom(figment())
        .attach(Sessions::<User>::builder().storage(storage.clone()))
        .attach(AdHoc::on_ignite("look last", |rocket| async { rocket.attach(look) }))
        .mount("/", routes![login, chat]);
    let client = Client::untracked(rocket).await.unwrap();
    let browser = Browser::new(&client);
    browser.post("/login").await;
    assert_eq!(browser.get("/chat").await.status, Status::Ok);
    assert!(upgraded.load(Ordering::Relaxed));
    storage.fail(Operation::Commit, Fault::Before);
    assert_eq!(browser.get("/chat").await.status, Status::ServiceUnavailable);
    assert!(!upgraded.load(Ordering::Relaxed));
}

/// Begins to save, and stops waiting before the storage answers.
async fn abandon_save(session: &Session<'_, User>) {
    let mut save = pin!(session.save());
    poll_fn(|context| Poll::Ready(save.as_mut().poll(context).is_pending())).await;
}

#[post("/abandon/edit")]
async fn abandon_edit(mut user: UserMut<'_>) -> &'static str {
    user.add_visits(1);
    abandon_save(user.session()).await;
    "saved"
}

#[post("/abandon/login")]
async fn abandon_login(session: Session<'_, User>) -> &'static str {
    session.start(User::new(7, Role::Member));
    abandon_save(&session).await;
    "signed in"
}

#[post("/abandon/visit")]
async fn abandon_visit(session: Session<'_, User>) -> &'static str {
    abandon_save(&session).await;
    "visited"
}

#[rocket::async_test]
async fn a_save_that_is_abandoned_is_no_success() {
    let parking = Arc::new(ParkStorage::new(MemoryStorage::new()));
    let routes = routes![login, abandon_edit, abandon_login, abandon_visit];
    let app = App::builder().sessions::<User>(parking.clone()).mount(routes).open().await;
    let browser = app.browser();
    browser.post("/login").await;
    for (path, operation) in [("/abandon/edit", Operation::Commit), ("/abandon/login", Operation::Rotate)] {
        let parked = parking.park(operation, When::Before);
        let answer = browser.post(path).await;
        drop(parked);
        assert_eq!((answer.code(), answer.cookies.len()), (503, 0), "{path}: {answer:?}");
    }
    app.clock.advance(Duration::from_mins(30));
    let parked = parking.park(Operation::Touch, When::Before);
    let answer = browser.post("/abandon/visit").await;
    drop(parked);
    assert_eq!(answer.body, "visited");
}

#[test]
fn what_storages_handle_prints_no_fields() {
    let now = Timestamp::default();
    let fields = Fields::from([("phone".to_owned(), FieldText::Json("\"0446681800\"".into()))]);
    let record = Record::new(Meta::new(Handle::from_bytes([1; 32]), now, now), fields.clone());
    let patch = Patch::new(MetaPatch::default(), FieldPatch { set: fields, ..FieldPatch::default() });
    let loaded = Loaded::Live { record: Arc::new(record.clone()), via: Via::Current };
    let printed = format!("{record:?} {patch:?} {loaded:?} {:?}", Rotation::Restart(record.clone()));
    assert!(printed.contains("Meta") && !printed.contains("0446681800"), "{printed}");
}
