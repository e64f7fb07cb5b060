//! Security stamps: a session whose owner's account has another stamp by now ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rocket::futures::future::join_all;
use rocket::http::Method;
use rocket::local::asynchronous::Client;
use rocket::tokio::join;
use rocket::{get, post, routes};
use rocket_typed_session::record::{FieldPatch, FieldText, MetaPatch, Patch};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, ParkStorage, SpyStorage, TextStorage, When};
use rocket_typed_session::{Clock, EndedBy, EventKind, GuardError, RefusedCookie, Session, Sessions, Unavailable};
use rocket_typed_session_tests::place::{self, Kind};
use rocket_typed_session_tests::{Answer, App, AppBuilder, Browser, Told, figment, logs, overtake};

#[derive(Clone, Session)]
#[session(required)]
struct Member {
    #[session(identifier)]
    id: i64,
    #[session(stamp)]
    password: u64,
    theme: String,
}

/// Somebody who may have no account.
#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Guest {
    #[session(identifier)]
    id: Option<i64>,
    #[session(stamp)]
    password: u64,
    hits: u64,
}

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the accounts are down")
    }
}

impl std::error::Error for Down {}

/// How the accounts answer.
#[derive(Clone, Copy, Default, PartialEq)]
enum Mood {
    #[default]
    Well,
    Down,
    Silent,
}

/// The stamps of accounts, and how often they were asked for.
#[derive(Default)]
struct Accounts {
    stamps: Mutex<HashMap<i64, u64>>,
    asked: Mutex<usize>,
    mood: Mutex<Mood>,
}

impl Accounts {
    fn set(&self, stamp: u64) {
        self.stamps.lock().insert(7, stamp);
    }

    /// Returns how often they were asked since the last call.
    fn asked(&self) -> usize {
        std::mem::take(&mut *self.asked.lock())
    }

    async fn stamp(&self, id: i64) -> Result<Option<u64>, Down> {
        *self.asked.lock() += 1;
        rocket::tokio::task::yield_now().await;
        let mood = *self.mood.lock();
        match mood {
            Mood::Well => Ok(self.stamps.lock().get(&id).copied()),
            Mood::Down => Err(Down),
            Mood::Silent => std::future::pending().await,
        }
    }
}

#[post("/login/<id>/<password>")]
fn login(session: Session<'_, Member>, id: i64, password: u64) {
    session.start(Member { id, password, theme: "light".into() });
}

#[post("/password/<password>")]
fn change(mut member: MemberMut<'_>, password: u64) {
    member.set_password(password);
}

#[post("/theme/<theme>")]
fn theme(mut member: MemberMut<'_>, theme: &str) {
    member.set_theme(theme);
}

#[get("/me")]
fn me(member: &Member) -> String {
    format!("{} {}", member.id, member.theme)
}

#[get("/why")]
fn why(member: Result<&Member, GuardError>) -> String {
    member.map_or_else(|error| format!("{error:?}"), |member| member.theme.clone())
}

#[get("/all")]
fn all(one: Option<&Member>, other: Option<&Member>, session: Session<'_, Member>) -> String {
    format!("{} {} {}", one.is_some(), other.is_some(), session.get().is_some())
}

#[post("/hit")]
fn hit(mut guest: GuestMut<'_>) -> String {
    let hits = guest.hits + 1;
    guest.set_hits(hits);
    hits.to_string()
}

#[post("/become/<id>")]
fn become_somebody(mut guest: GuestMut<'_>, id: i64) {
    guest.set_id(Some(id));
}

/// An application whose accounts can be commanded. Number 7 has the stamp 1.
struct Scene {
    app: App,
    accounts: Arc<Accounts>,
}

fn builder(accounts: &Arc<Accounts>, storage: impl SessionStorage) -> AppBuilder {
    built(App::builder(), accounts, storage)
}

fn built(app: AppBuilder, accounts: &Arc<Accounts>, storage: impl SessionStorage) -> AppBuilder {
    let (members, guests) = (accounts.clone(), accounts.clone());
    let ask = |accounts: Arc<Accounts>| {
        move |id| {
            let accounts = accounts.clone();
            async move { accounts.stamp(id).await }
        }
    };
    app.sessions_with::<Member>(storage, |sessions| sessions.stamp(ask(members)))
        .sessions_with::<Guest>(place::storage(), |sessions| sessions.stamp(ask(guests)))
        .mount(routes![login, change, theme, me, why, all, hit, become_somebody])
}

impl Scene {
    async fn open() -> Self {
        Self::on(place::storage()).await
    }

    async fn on(storage: impl SessionStorage) -> Self {
        let accounts = Arc::<Accounts>::default();
        accounts.set(1);
        let app = builder(&accounts, storage).open().await;
        Self { app, accounts }
    }

    /// Returns a browser that is signed in as number 7, with the stamp 1.
    async fn member(&self) -> Browser<'_> {
        let browser = self.app.browser();
        assert_eq!(browser.post("/login/7/1").await.code(), 200);
        self.app.events();
        browser
    }

    fn kinds(&self) -> Vec<EventKind> {
        self.app.events().into_iter().map(|event| event.kind).collect()
    }
}

fn removes_the_cookie(answer: &Answer) -> bool {
    answer.set_cookie("__Host-session").is_some_and(|cookie| cookie.max_age() == Some(0))
}

const ENDED: EventKind = EventKind::Ended(EndedBy::Stamp);

#[rocket::async_test]
async fn s_02_another_stamp_ends_the_session() {
    for storage in [place::storage(), Arc::new(TextStorage::new())] {
        let scene = Scene::on(storage).await;
        let browser = scene.member().await;
        assert_eq!(browser.get("/me").await.body, "7 light");
        scene.accounts.set(2);
        scene.app.clock.advance(Duration::from_mins(5));
        let (thief, answer) = (browser.copy(), browser.get("/me").await);
        assert!(answer.code() == 401 && removes_the_cookie(&answer), "{answer:?}");
        assert_eq!(scene.kinds(), [ENDED]);

        assert_eq!(scene.app.sessions::<Member>().count(&7).await.unwrap(), 0);
        scene.accounts.set(1);
        let answer = thief.get("/me").await;
        assert!(answer.code() == 401 && answer.cookies.is_empty(), "who finds it ended removes nothing: {answer:?}");
    }
}

///
#[rocket::async_test]
async fn a_16_a_session_that_its_stamp_ended_is_told() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    let handle = scene.app.sessions::<Member>().list(&7).await.unwrap()[0].handle;
    scene.accounts.set(2);
    scene.app.clock.advance(Duration::from_mins(5));
    browser.send(Method::Get, "/me", &[("X-Real-IP", "192.0.2.7")]).await;
    assert_eq!(scene.app.told(), [Told::new(ENDED, scene.app.clock.now()).of(handle).whose("7").from_ip("192.0.2.7")]);
}

#[rocket::async_test]
async fn who_signs_in_with_the_old_password_is_found_out_at_the_first_load() {
    let scene = Scene::open().await;
    scene.accounts.set(2);
    let late = scene.member().await;
    assert_eq!(late.get("/me").await.code(), 401);
    assert_eq!(scene.kinds(), [ENDED]);
}

#[rocket::async_test]
async fn an_account_that_is_gone_ends_its_sessions() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    scene.accounts.stamps.lock().clear();
    let answer = browser.get("/all").await;
    assert!(removes_the_cookie(&answer));
    assert_eq!(answer.body, "false false false");
    assert_eq!(scene.kinds(), [ENDED]);
}

#[rocket::async_test]
async fn it_is_compared_every_five_minutes_and_nothing_is_written_for_it() {
    let storage = Arc::new(SpyStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let browser = scene.member().await;
    storage.clear();
    for _ in 0..3 {
        browser.get("/me").await;
    }
    assert_eq!(scene.accounts.asked(), 1);
    scene.app.clock.advance(Duration::from_secs(299));
    browser.get("/me").await;
    assert_eq!(scene.accounts.asked(), 0);
    scene.app.clock.advance(Duration::from_secs(1));
    browser.get("/me").await;
    browser.get("/me").await;
    assert_eq!(scene.accounts.asked(), 1);
    assert_eq!(storage.calls().len(), storage.count(Operation::Load));
}

#[rocket::async_test]
async fn each_session_is_compared_by_itself() {
    let scene = Scene::open().await;
    for _ in 0..2 {
        assert_eq!(scene.member().await.get("/me").await.code(), 200);
    }
    assert_eq!(scene.accounts.asked(), 2);
}

#[rocket::async_test]
async fn how_often_is_configured() {
    let accounts = Arc::<Accounts>::default();
    accounts.set(1);
    let app = App::builder().config(|config| config.stamp_every = Duration::from_secs(1));
    let scene = Scene { app: built(app, &accounts, place::storage()).open().await, accounts };
    let browser = scene.member().await;
    browser.get("/me").await;
    scene.app.clock.advance(Duration::from_secs(1));
    browser.get("/me").await;
    assert_eq!(scene.accounts.asked(), 2);
}

#[rocket::async_test]
async fn requests_that_come_at_once_ask_once() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    let answers = join_all((0..20).map(|_| browser.get("/me"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert_eq!(scene.accounts.asked(), 1);
}

#[rocket::async_test]
async fn of_requests_that_find_another_stamp_one_ends_the_session() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    scene.accounts.set(2);
    let answers = join_all((0..20).map(|_| browser.get("/me"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 401));
    assert_eq!(answers.iter().filter(|answer| removes_the_cookie(answer)).count(), 1);
    assert_eq!(scene.kinds().into_iter().filter(|kind| *kind == ENDED).count(), 1);
}

#[rocket::async_test]
async fn s_02_who_changes_the_password_stays_and_the_others_go() {
    let scene = Scene::open().await;
    let (own, other) = (scene.member().await, scene.member().await);
    let before = own.token();
    scene.accounts.set(2);
    assert_eq!((own.get("/me").await.code(), other.get("/me").await.code()), (401, 401));

    let (own, other) = (scene.app.browser(), scene.app.browser());
    for browser in [&own, &other] {
        browser.post("/login/7/2").await;
        assert_eq!(browser.get("/me").await.code(), 200);
    }
    let thief = own.copy();
    scene.accounts.set(3);
    assert_eq!(own.post("/password/3").await.code(), 200);
    assert_ne!(own.token(), before, "the token is another");
    assert_eq!(thief.get("/me").await.code(), 401, "the token before is dead");
    scene.app.clock.advance(Duration::from_mins(5));
    assert_eq!((own.get("/me").await.code(), other.get("/me").await.code()), (200, 401));
}

#[rocket::async_test]
async fn who_is_overtaken_by_a_change_of_the_password_ends_nothing() {
    let storage = Arc::new(ParkStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let own = scene.member().await;
    let late = own.copy();
    own.get("/me").await;
    scene.app.clock.advance(Duration::from_secs(299));
    let rotation = storage.park(Operation::Rotate, When::Before);
    let overtaken = async {
        rotation.reached().await;
        scene.accounts.set(2);
        scene.app.clock.advance(Duration::from_secs(1));
        let loaded = storage.park(Operation::Load, When::After);
        let rotated = storage.park(Operation::Rotate, When::After);
        let overtake = async {
            loaded.reached().await;
            rotation.release();
            rotated.reached().await;
            loaded.release();
        };
        join!(late.get("/me"), overtake).0
    };
    let (changed, late) = join!(own.post("/password/2"), overtaken);
    assert_eq!((changed.code(), late.code(), late.cookies.len()), (200, 401, 0));
    assert_eq!(own.get("/me").await.code(), 200, "who changed it stays");
    assert_eq!(scene.kinds(), [EventKind::Refused(RefusedCookie::Moved), EventKind::Rotated]);
}

#[rocket::async_test]
async fn who_is_overtaken_by_a_stamp_that_is_set_from_outside_is_compared_anew() {
    let storage = Arc::new(ParkStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let browser = scene.member().await;
    let loaded = storage.park(Operation::Load, When::After);
    let overtake = async {
        loaded.reached().await;
        let sessions = scene.app.sessions::<Member>();
        let handle = sessions.list(&7).await.unwrap()[0].handle;
        sessions.update(&handle, |member| member.password = 2).await.unwrap();
        scene.accounts.set(2);
        loaded.release();
    };
    assert_eq!(join!(browser.get("/me"), overtake).0.code(), 200);
    assert_eq!(scene.kinds(), [EventKind::Rotated]);
}

/// Holds who found another stamp after it looked whether the session is still what it compared.
async fn doubting<R>(
    storage: &ParkStorage<Arc<dyn SessionStorage>>,
    doubt: impl Future<Output = Answer>,
    meanwhile: impl Future<Output = R>,
) -> (Answer, R) {
    storage.park(Operation::Load, When::After).release();
    overtake(storage, (Operation::Load, When::After), doubt, meanwhile).await
}

#[rocket::async_test]
async fn s_02_who_changes_the_password_while_another_request_ends_the_session_stays() {
    let storage = Arc::new(ParkStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let own = scene.member().await;
    let late = own.copy();
    own.get("/me").await;
    scene.app.clock.advance(Duration::from_secs(299));
    let rotation = storage.park(Operation::Rotate, When::Before);
    let overtaken = async {
        rotation.reached().await;
        scene.accounts.set(2);
        scene.app.clock.advance(Duration::from_secs(1));
        let rotated = storage.park(Operation::Rotate, When::After);
        let change = async {
            rotation.release();
            rotated.reached().await;
        };
        doubting(&storage, late.get("/me"), change).await.0
    };
    let (changed, late) = join!(own.post("/password/2"), overtaken);
    assert_eq!((changed.code(), late.code(), late.cookies.len()), (200, 401, 0));
    assert_eq!(own.get("/me").await.code(), 200, "who changed it stays");
    assert_eq!(scene.kinds(), [EventKind::Refused(RefusedCookie::Moved), EventKind::Rotated]);
}

#[rocket::async_test]
async fn a_stamp_that_is_set_from_outside_while_a_request_ends_the_session_is_compared_anew() {
    for update in ["password", "theme"] {
        let storage = Arc::new(ParkStorage::new(place::storage()));
        let scene = Scene::on(storage.clone()).await;
        let browser = scene.member().await;
        scene.accounts.set(2);
        let outside = async {
            let sessions = scene.app.sessions::<Member>();
            let handle = sessions.list(&7).await.unwrap()[0].handle;
            let edit = |member: &mut Member| match update {
                "password" => member.password = 2,
                _ => member.theme = "dark".into(),
            };
            sessions.update(&handle, edit).await.unwrap();
        };
        let (answer, ()) = doubting(&storage, browser.get("/me"), outside).await;
        let expected = if update == "password" { (200, EventKind::Rotated) } else { (401, ENDED) };
        assert_eq!((answer.code(), scene.kinds()), (expected.0, vec![expected.1]));
    }
}

/// Nothing is left of it to expire.
#[rocket::async_test]
async fn a_session_that_its_stamp_ended_is_freed() {
    let memory = Arc::new(MemoryStorage::new());
    let scene = Scene::on(memory.clone()).await;
    let browser = scene.member().await;
    scene.accounts.set(2);
    assert_eq!(browser.get("/me").await.code(), 401);
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_stamp_that_can_not_be_read_ends_the_session() {
    let storage = Arc::new(SpyStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let browser = scene.member().await;
    let key = *storage.calls().iter().flat_map(|call| &call.keys).next_back().unwrap();
    let set = [("password".to_owned(), FieldText::Json("\"new\"".to_owned()))].into();
    let patch = Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() });
    storage.inner().commit(&key, patch, scene.app.clock.timestamp()).await.unwrap();
    scene.accounts.set(0);
    assert_eq!(browser.get("/me").await.code(), 401, "it is not the default");
}

/// In memory, which answers within the time that a silent source is waited for.
#[rocket::async_test]
async fn a_source_that_fails_is_a_storage_that_fails() {
    for mood in [Mood::Down, Mood::Silent] {
        let accounts = Arc::<Accounts>::default();
        accounts.set(1);
        let app = App::builder().config(|config| config.timeout = Duration::from_millis(5));
        let scene = Scene { app: built(app, &accounts, MemoryStorage::new()).open().await, accounts };
        let browser = scene.member().await;
        *scene.accounts.mood.lock() = mood;
        for path in ["/me", "/why", "/all"] {
            let answer = browser.get(path).await;
            assert!(answer.code() == 503 && answer.cookies.is_empty(), "{answer:?}");
            assert!(!answer.body.contains("accounts"), "the reason is nobody's business: {answer:?}");
        }
        assert_eq!(browser.post("/theme/dark").await.code(), 503);
        let told = EventKind::StorageFailed("the source of the security stamp failed".into());
        assert_eq!(scene.kinds(), [told.clone(), told.clone(), told.clone(), told]);

        *scene.accounts.mood.lock() = Mood::Well;
        assert_eq!(browser.get("/me").await.body, "7 light", "nobody was signed out, and nothing was written");
        // Who was good a moment ago is not asked for.
        *scene.accounts.mood.lock() = mood;
        assert_eq!(browser.get("/me").await.code(), 200);
    }
}

#[rocket::async_test]
async fn handlers_may_be_told_that_the_source_fails() {
    let accounts = Arc::<Accounts>::default();
    let app = App::builder().config(|config| config.unavailable = Unavailable::Pass);
    let scene = Scene { app: built(app, &accounts, place::storage()).open().await, accounts };
    let browser = scene.member().await;
    *scene.accounts.mood.lock() = Mood::Down;
    assert_eq!(browser.get("/why").await.body, "Storage");
}

#[rocket::async_test]
async fn a_storage_that_can_not_end_the_session_is_a_storage_that_fails() {
    let storage = Arc::new(FaultStorage::new(place::storage()));
    let scene = Scene::on(storage.clone()).await;
    let browser = scene.member().await;
    scene.accounts.set(2);
    storage.fail(Operation::Commit, Fault::Before);
    let answer = browser.get("/me").await;
    assert!(answer.code() == 503 && answer.cookies.is_empty(), "{answer:?}");
    storage.clear();
    let answer = browser.get("/me").await;
    assert!(answer.code() == 401 && removes_the_cookie(&answer), "{answer:?}");
}

#[rocket::async_test]
async fn whose_session_ended_can_sign_in_with_the_same_request() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    let before = browser.token();
    scene.accounts.set(2);
    let answer = browser.post("/login/7/2").await;
    assert_eq!((answer.code(), answer.cookies.len()), (200, 1));
    assert_ne!(browser.token(), before);
    assert_eq!(browser.get("/me").await.code(), 200);
    assert_eq!(scene.kinds(), [ENDED, EventKind::Created]);
}

#[rocket::async_test]
async fn a_session_of_nobody_is_not_compared() {
    let scene = Scene::open().await;
    let browser = scene.app.browser();
    browser.post("/hit").await;
    assert_eq!((browser.post("/hit").await.body.as_str(), scene.accounts.asked()), ("2", 0));
    browser.post("/become/8").await;
    assert_eq!(browser.post("/hit").await.body, "1", "nobody has the account 8, and a visit begins anew");
    assert_eq!(browser.post("/hit").await.body, "2");
    assert_eq!(scene.accounts.asked(), 1);
}

#[rocket::async_test]
async fn a_clock_that_was_set_back_compares_again() {
    let scene = Scene::open().await;
    let browser = scene.member().await;
    scene.app.clock.advance(Duration::from_mins(30));
    browser.get("/me").await;
    let now = scene.app.clock.now();
    scene.app.clock.set(now - Duration::from_mins(20));
    browser.get("/me").await;
    assert_eq!(scene.accounts.asked(), 2);
}

#[rocket::async_test]
async fn each_process_compares_for_itself() {
    let Some(place) = Kind::of_the_run().place() else { return };
    let scene = Scene::on(place.storage()).await;
    let other = builder(&scene.accounts, place.storage()).open().await;
    let browser = scene.member().await;
    assert_eq!(browser.get("/me").await.code(), 200);
    scene.accounts.set(2);
    assert_eq!(browser.visiting(other.client()).get("/me").await.code(), 401);
    assert_eq!(browser.get("/me").await.code(), 401);
}

#[rocket::async_test]
async fn a_struct_with_a_stamp_and_no_source_is_refused_at_launch() {
    logs::capture();
    logs::take();
    let rocket = rocket::custom(figment()).attach(Sessions::<Member>::fairing());
    let refusal = Client::untracked(rocket).await.expect_err("a refused launch").to_string();
    let said = logs::take() + &refusal;
    let name = std::any::type_name::<Member>();
    let expected = format!(
        "sessions `session`: a field of `{name}` is a `stamp`, and nothing says which stamp an account has now: write \
         `Sessions::<{name}>::builder().stamp(|id| async move {{ .. }})` where its fairing is attached"
    );
    assert!(said.contains(&expected), "{said}");
}
