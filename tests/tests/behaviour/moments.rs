//! What is done with a session at unusual moments: before the request is routed, while its answer is on its way, and
//! when nobody waits for it any more.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::futures::future::BoxFuture;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::TextStream;
use rocket::tokio::time::sleep;
use rocket::{Request, async_trait, get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Operation, ParkStorage, When};
use rocket_typed_session::{EventKind, GuardError, Session, Sessions};
use rocket_typed_session_tests::{App, Browser, Role, User, UserMut, figment};

/// Polls once what has to wait.
async fn waits<F: Future>(mut future: Pin<&mut F>) {
    assert!(poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await);
}

#[derive(Clone, Default, Session)]
#[session(name = "looker")]
struct Looker {
    theme: String,
}

#[post("/login")]
fn login(session: Session<'_, User>) {
    let mut user = User::new(7, Role::Member);
    user.notice = Some("hello".into());
    session.start(user);
}

#[post("/hang")]
async fn hang(mut user: UserMut<'_>) {
    user.set_theme("dark");
    pending::<()>().await;
}

#[rocket::async_test]
async fn edits_lost_by_a_cancelled_request_tell_the_address() {
    let app = App::builder().sessions::<User>(MemoryStorage::new()).mount(routes![login, hang]).open().await;
    let browser = app.browser();
    browser.post("/login").await;
    let cookie = format!("__Host-session={}", browser.token());
    app.events();
    {
        let request = app.client().post("/hang").remote("203.0.113.9:99".parse().unwrap());
        let mut request = pin!(request.header(Header::new("Cookie", cookie)).dispatch());
        waits(request.as_mut()).await;
    }
    let events = app.events();
    let lost = events.iter().find(|event| event.kind == EventKind::EditsLost).unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(lost.ip, Some("203.0.113.9".parse().unwrap()));
    assert!(lost.handle.is_some() && lost.identifier.is_some(), "{lost:?}");
}

/// The colours for which two guards ask, the first of which goes away before the storage has answered.
struct Second(String);

#[async_trait]
impl<'r> FromRequest<'r> for Second {
    type Error = GuardError;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, GuardError> {
        let mut second = pin!(<&User>::from_request(request));
        {
            let mut first = pin!(<&User>::from_request(request));
            waits(first.as_mut()).await;
            waits(second.as_mut()).await;
        }
        second.await.map(|user| Self(user.theme.clone()))
    }
}

#[get("/second")]
fn second(second: Second) -> String {
    second.0
}

#[rocket::async_test]
async fn a_guard_that_goes_away_leaves_the_load_to_the_next() {
    let parking = Arc::new(ParkStorage::new(MemoryStorage::new()));
    let app = App::builder().sessions::<User>(parking.clone()).mount(routes![login, second]).open().await;
    let browser = app.browser();
    browser.post("/login").await;
    let _parked = parking.park(Operation::Load, When::Before);
    let answer = browser.get("/second").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "light"), "{answer:?}");
}

/// A session that is asked for when it is needed.
struct Later<'r>(BoxFuture<'r, Outcome<Session<'r, Looker>, GuardError>>);

#[async_trait]
impl<'r> FromRequest<'r> for Later<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Self(Box::pin(async { Session::from_request(request).await })))
    }
}

#[get("/late/looked")]
fn looked<'r>(_seen: &'r Looker, later: Later<'r>) -> TextStream![String + 'r] {
    TextStream! {
        let session = later.0.await.unwrap();
        session.start(Looker { theme: "dark".into() });
        let saved = session.save().await;
        yield format!("{saved:?}");
    }
}

#[get("/late/asked")]
fn asked<'r>(_seen: Session<'r, Looker>, later: Later<'r>) -> TextStream![String + 'r] {
    TextStream! {
        let session = later.0.await.unwrap();
        session.start(Looker { theme: "dark".into() });
        let saved = session.save().await;
        yield format!("{saved:?}");
    }
}

#[rocket::async_test]
async fn after_a_mere_look_a_stream_is_too_late() {
    let memory = Arc::new(MemoryStorage::new());
    let app = App::builder().sessions::<Looker>(memory.clone()).mount(routes![looked, asked]).open().await;
    assert_eq!(app.browser().get("/late/asked").await.body, "Err(TooLate)");
    let answer = app.browser().get("/late/looked").await;
    assert_eq!((answer.body.as_str(), memory.len()), ("Err(TooLate)", 0));
}

#[get("/parked")]
async fn parked(session: Session<'_, User>) -> TextStream![String + '_] {
    session.start(User::new(9, Role::Member));
    let mut save = Box::pin(async move { session.save().await });
    waits(save.as_mut()).await;
    TextStream! {
        let saved = save.await;
        yield format!("{saved:?}");
    }
}

#[rocket::async_test]
async fn f_07_a_save_kept_in_the_body_does_not_hang_the_response() {
    let parking = Arc::new(ParkStorage::new(MemoryStorage::new()));
    let app = App::builder()
        .config(|config| config.timeout = Duration::from_millis(100))
        .sessions::<User>(parking.clone())
        .mount(routes![parked])
        .open()
        .await;
    let _held = parking.park(Operation::Create, When::Before);
    let answer = app.browser().get("/parked").await;
    assert_eq!(answer.code(), 503);
    assert!(answer.cookies.is_empty(), "{answer:?}");
}

#[get("/parked/edit")]
async fn parked_edit(mut user: UserMut<'_>) -> TextStream![String + '_] {
    user.set_theme("dark");
    let mut save = Box::pin(async move { user.session().save().await });
    waits(save.as_mut()).await;
    TextStream! {
        let saved = save.await;
        yield format!("{saved:?}");
    }
}

/// Nothing reaches the client before the storage has it, though the edit is under way.
#[rocket::async_test]
async fn f_07_an_edit_that_is_not_stored_is_not_answered_for() {
    let parking = Arc::new(ParkStorage::new(MemoryStorage::new()));
    let app = App::builder()
        .config(|config| config.timeout = Duration::from_millis(100))
        .sessions::<User>(parking.clone())
        .mount(routes![login, parked_edit])
        .open()
        .await;
    let browser = app.browser();
    browser.post("/login").await;
    app.events();
    let _held = parking.park(Operation::Commit, When::Before);
    assert_eq!(browser.get("/parked/edit").await.code(), 503);
    let told = app.events();
    assert!(told.iter().any(|event| matches!(event.kind, EventKind::StorageFailed(_))), "{told:?}");
}

#[get("/notice")]
fn notice(mut user: UserMut<'_>) -> String {
    format!("{:?}", user.take_notice())
}

#[rocket::async_test]
async fn head_takes_nothing_though_a_fairing_looked_first() {
    let look = AdHoc::on_request("look", |request, _| {
        Box::pin(async move {
            let _ = <&User>::from_request(request).await;
        })
    });
    let rocket = rocket::custom(figment())
        .attach(look)
        .attach(Sessions::<User>::builder().storage(Arc::new(MemoryStorage::new())))
        .mount("/", routes![login, notice]);
    let client = Client::untracked(rocket).await.unwrap();
    let browser = Browser::new(&client);
    browser.post("/login").await;
    browser.head("/notice").await;
    assert_eq!(browser.get("/notice").await.body, "Some(\"hello\")");
}

static SLOW: OnceLock<Arc<ParkStorage<MemoryStorage>>> = OnceLock::new();

#[get("/ticks")]
fn ticks(mut user: UserMut<'_>) -> TextStream![String + '_] {
    TextStream! {
        for _ in 0..6 {
            user.add_visits(1);
            let held = SLOW.get().unwrap().park(Operation::Commit, When::Before);
            let release = async {
                sleep(Duration::from_millis(250)).await;
                held.release();
            };
            let saved = rocket::tokio::join!(user.session().save(), release).0;
            yield format!("{} ", saved.is_ok());
        }
    }
}

#[rocket::async_test]
async fn a_long_stream_of_short_saves_is_not_out_of_time() {
    let parking = SLOW.get_or_init(|| Arc::new(ParkStorage::new(MemoryStorage::new()))).clone();
    let app = App::builder()
        .config(|config| config.timeout = Duration::from_secs(1))
        .sessions::<User>(parking)
        .mount(routes![login, ticks])
        .open()
        .await;
    let browser = app.browser();
    browser.post("/login").await;
    assert_eq!(browser.get("/ticks").await.body, "true ".repeat(6));
}
