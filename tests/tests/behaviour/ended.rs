//! Streams that stay open while their session lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::http::Header;
use rocket::local::asynchronous::LocalResponse;
use rocket::response::stream::TextStream;
use rocket::tokio::io::AsyncReadExt;
use rocket::tokio::time::{sleep, timeout};
use rocket::tokio::{join, select, task};
use rocket::{get, post, routes};
use rocket_typed_session::record::{FieldPatch, FieldText, MetaPatch, Patch};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, ParkStorage, SpyStorage, When};
use rocket_typed_session::{Config, EndedBy, EventKind, Handle, Session, StorageError};
use rocket_typed_session_tests::place::{self, Kind};
use rocket_typed_session_tests::{App, Browser, Unlisted};

#[derive(Clone, Session)]
#[session(required)]
struct Member {
    #[session(identifier)]
    id: i64,
    #[session(role)]
    role: String,
    #[session(stamp)]
    password: u64,
    visits: u64,
}

#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Guest {
    #[session(identifier)]
    id: Option<i64>,
    hits: u64,
}

/// Somebody whose session may live in a cookie.
#[derive(Clone, Default, Session)]
#[session(name = "guest")]
struct Visitor {
    hits: u64,
}

/// Somebody without an identifier, whose storage keeps no index.
#[derive(Clone, Default, Session)]
#[session(name = "nobody")]
struct Nobody {
    hits: u64,
}

/// Whether the password was changed.
type Changed = Arc<AtomicBool>;

#[post("/login/<id>")]
fn login(session: Session<'_, Member>, id: i64) -> String {
    session.start(Member { id, role: "member".into(), password: 0, visits: 0 });
    session.handle().unwrap().to_string()
}

#[get("/me")]
fn me(member: &Member) -> String {
    format!("{} {}", member.id, member.role)
}

#[post("/logout")]
fn logout(session: Session<'_, Member>) {
    session.end();
}

#[post("/rotate")]
fn rotate(session: Session<'_, Member>) {
    session.rotate();
}

#[post("/role/<role>")]
fn role(mut member: MemberMut<'_>, role: &str) {
    member.set_role(role);
}

#[post("/password/<password>")]
fn change_password(mut member: MemberMut<'_>, password: u64) {
    member.set_password(password);
}

#[post("/visit-member")]
fn visit_member(mut member: MemberMut<'_>) {
    let visits = member.visits + 1;
    member.set_visits(visits);
}

#[post("/end/<handle>")]
async fn end_one(session: Session<'_, Member>, handle: Handle) {
    assert_eq!(session.end_one(&handle).await.unwrap(), Some(true));
}

#[post("/end-others")]
async fn end_others(session: Session<'_, Member>) {
    session.end_others().await.unwrap();
}

#[post("/end-all")]
async fn end_all(session: Session<'_, Member>) {
    session.end_all().await.unwrap();
}

/// Says that it is open, and that it has ended.
fn until(ended: impl Future<Output = ()>) -> TextStream![&'static str] {
    TextStream! {
        yield "open ";
        ended.await;
        yield "ended";
    }
}

#[get("/stream")]
fn stream(session: Session<'_, Member>) -> TextStream![&'static str] {
    until(session.ended())
}

#[get("/login-stream")]
fn login_stream(session: Session<'_, Member>) -> TextStream![&'static str] {
    session.start(Member { id: 7, role: "member".into(), password: 0, visits: 0 });
    stream(session)
}

#[post("/hit")]
fn hit(mut guest: GuestMut<'_>) {
    let hits = guest.hits + 1;
    guest.set_hits(hits);
}

#[post("/become/<id>")]
fn become_somebody(mut guest: GuestMut<'_>, id: i64) {
    guest.set_id(Some(id));
}

#[post("/guest/rotate")]
fn rotate_guest(session: Session<'_, Guest>) {
    session.rotate();
}

#[post("/guest/end")]
fn end_guest(session: Session<'_, Guest>) {
    session.end();
}

#[get("/guest/stream")]
fn guest_stream(session: Session<'_, Guest>) -> TextStream![&'static str] {
    until(session.ended())
}

#[post("/nobody")]
fn begin_nobody(session: Session<'_, Nobody>) {
    session.start(Nobody { hits: 1 });
}

#[get("/nobody")]
fn nobody(session: Session<'_, Nobody>) -> String {
    session.get().map_or(0, |nobody| nobody.hits).to_string()
}

#[post("/nobody/hit")]
fn hit_nobody(mut nobody: NobodyMut<'_>) {
    let hits = nobody.hits + 1;
    nobody.set_hits(hits);
}

#[post("/nobody/rotate")]
fn rotate_nobody(session: Session<'_, Nobody>) {
    session.rotate();
}

#[post("/nobody/end")]
fn end_nobody(session: Session<'_, Nobody>) {
    session.end();
}

#[get("/nobody/stream")]
fn nobody_stream(session: Session<'_, Nobody>) -> TextStream![&'static str] {
    until(session.ended())
}

#[post("/visit")]
fn visit(session: Session<'_, Visitor>) {
    session.start(Visitor { hits: 1 });
}

#[post("/visit/end")]
fn end_visit(session: Session<'_, Visitor>) {
    session.end();
}

#[get("/visit/stream")]
fn visit_stream(session: Session<'_, Visitor>) -> TextStream![&'static str] {
    until(session.ended())
}

type Storage = Arc<SpyStorage<Arc<dyn SessionStorage>>>;

/// An application, and the storages that it asks.
struct Scene {
    app: App,
    members: Storage,
    guests: Storage,
    nobodies: Storage,
}

fn spied(storage: impl SessionStorage) -> Storage {
    Arc::new(SpyStorage::new(Arc::new(storage)))
}

impl Scene {
    /// Opens an application whose streams ask their storage once, practically, unless the configuration is changed.
    async fn open(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(place::storage(), change).await
    }

    async fn on(storage: impl SessionStorage, change: impl FnOnce(&mut Config)) -> Self {
        Self::of(storage, change, &Changed::default()).await
    }

    async fn of(storage: impl SessionStorage, change: impl FnOnce(&mut Config), changed: &Changed) -> Self {
        let (members, guests, changed) = (spied(storage), spied(place::storage()), changed.clone());
        let nobodies = spied(Unlisted::new(place::storage()));
        let app = App::builder()
            .config(|config| config.watch = Duration::from_hours(1))
            .config(change)
            .sessions_with::<Member>(members.clone(), |sessions| {
                let stamp = move |_| Ok::<_, StorageError>(Some(changed.load(Ordering::SeqCst).into()));
                sessions.stamp(move |id| std::future::ready(stamp(id)))
            })
            .sessions::<Guest>(guests.clone())
            .sessions::<Nobody>(nobodies.clone())
            .mount(routes![login, me, logout, rotate, role, end_one, end_others, end_all, stream, login_stream])
            .mount(routes![change_password, visit_member])
            .mount(routes![hit, become_somebody, rotate_guest, end_guest, guest_stream])
            .mount(routes![begin_nobody, nobody, hit_nobody, rotate_nobody, end_nobody, nobody_stream]);
        Self { app: app.open().await, members, guests, nobodies }
    }

    async fn member(&self) -> (Browser<'_>, Handle) {
        let browser = self.app.browser();
        let handle = browser.post("/login/7").await.body.parse().unwrap();
        (browser, handle)
    }
}

fn often(config: &mut Config) {
    config.watch = Duration::from_millis(2);
}

/// A stream that was opened.
struct Open<'a>(LocalResponse<'a>);

impl<'a> Open<'a> {
    async fn at(browser: &Browser<'_>, scene: &'a Scene, path: &'static str) -> Self {
        let mut open = Self::begin(browser, scene, path).await;
        open.greets().await;
        // So that it waits, rather than being about to.
        assert!(open.stays().await);
        open
    }

    /// Opens a stream whose first byte is not read yet.
    async fn begin(browser: &Browser<'_>, scene: &'a Scene, path: &'static str) -> Self {
        let request = scene.app.client().get(path);
        let cookies = ["__Host-session", "__Host-guest", "__Host-nobody"].into_iter().filter_map(|name| {
            let value = browser.cookie(name)?;
            Some(format!("{name}={value}"))
        });
        let cookies: Vec<String> = cookies.collect();
        Self(request.header(Header::new("Cookie", cookies.join("; "))).dispatch().await)
    }

    async fn greets(&mut self) {
        let mut greeting = [0; 5];
        self.0.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"open ");
    }

    async fn of(browser: &Browser<'_>, scene: &'a Scene) -> Self {
        Self::at(browser, scene, "/stream").await
    }

    /// Returns whether the stream is open after everything else had a turn.
    async fn stays(&mut self) -> bool {
        let turns = async {
            for _ in 0..100 {
                task::yield_now().await;
            }
        };
        self.stays_until(turns).await
    }

    /// Returns whether the stream is open after it has asked a storage some more times.
    async fn outlasts(&mut self, storage: &Storage, operation: Operation) -> bool {
        let enough = storage.count(operation) + 3;
        let questions = async {
            while storage.count(operation) < enough {
                sleep(Duration::from_millis(1)).await;
            }
        };
        self.stays_until(questions).await
    }

    /// Reads until something else has happened, and returns whether the stream is open then.
    async fn stays_until(&mut self, event: impl Future<Output = ()>) -> bool {
        let mut byte = [0];
        let read = self.0.read(&mut byte);
        select! {
            biased;
            _ = read => false,
            () = event => true,
        }
    }

    /// Waits until the stream has ended; a minute is long enough to say that it does not.
    async fn closes(self) {
        let rest = timeout(Duration::from_mins(1), self.0.into_string()).await.expect("an end");
        assert_eq!(rest.as_deref(), Some("ended"));
    }
}

#[rocket::async_test]
async fn s_04_a_stream_closes_at_once_when_this_process_ends_its_session() {
    let scene = Scene::open(|_| ()).await;
    let sessions = scene.app.sessions::<Member>();
    for way in 0..9 {
        let (laptop, handle) = scene.member().await;
        let (phone, _) = scene.member().await;
        let open = Open::of(&laptop, &scene).await;
        match way {
            0 => drop(laptop.post("/logout").await),
            1 => drop(phone.post(&format!("/end/{handle}")).await),
            2 => drop(phone.post("/end-others").await),
            3 => drop(phone.post("/end-all").await),
            4 => drop(laptop.post("/login/7").await),
            5 => assert!(sessions.end_one(&handle).await.unwrap()),
            6 => drop(sessions.end_all(&7).await.unwrap()),
            7 => drop(sessions.end_all_except(&7, &phone.post("/login/7").await.body.parse().unwrap()).await.unwrap()),
            _ => sessions.end_everyone().await.unwrap(),
        }
        open.closes().await;
    }
}

#[rocket::async_test]
async fn the_cap_closes_the_stream_of_the_session_that_it_ends() {
    let scene = Scene::open(|config| config.max_per_user = Some(1)).await;
    let (laptop, _) = scene.member().await;
    let open = Open::of(&laptop, &scene).await;
    let (phone, _) = scene.member().await;
    open.closes().await;
    let mut open = Open::of(&phone, &scene).await;
    assert!(open.stays().await);
}

#[rocket::async_test]
async fn only_the_streams_of_the_session_close() {
    let scene = Scene::open(|_| ()).await;
    let (laptop, phone) = (scene.member().await.0, scene.member().await.0);
    let (one, other, mut stranger) =
        join!(Open::of(&laptop, &scene), Open::of(&laptop, &scene), Open::of(&phone, &scene));
    laptop.post("/logout").await;
    join!(one.closes(), other.closes());
    assert!(stranger.stays().await);
    phone.post("/logout").await;
    stranger.closes().await;
}

#[rocket::async_test]
async fn a_rotation_is_no_end() {
    let scene = Scene::open(often).await;
    let (browser, _) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    for path in ["/rotate", "/role/admin", "/rotate"] {
        assert_eq!(browser.post(path).await.code(), 200);
        assert!(open.stays().await);
    }
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    browser.post("/logout").await;
    open.closes().await;
}

#[rocket::async_test]
async fn a_renewal_is_no_end() {
    let scene = Scene::open(|config| {
        often(config);
        config.renew = Some(Duration::from_mins(1));
    });
    let scene = scene.await;
    let (browser, _) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    for _ in 0..3 {
        let before = browser.token();
        scene.app.clock.advance(Duration::from_secs(61));
        browser.get("/me").await;
        assert_ne!(browser.token(), before);
        // Only once the new token was presented is the next one due.
        assert_eq!(browser.get("/me").await.code(), 200);
        assert!(open.outlasts(&scene.members, Operation::Find).await);
    }
    browser.post("/logout").await;
    open.closes().await;
}

#[rocket::async_test]
async fn a_stream_closes_when_its_session_was_not_used_for_long() {
    let scene = Scene::open(often).await;
    let (browser, _) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    scene.app.clock.advance(Duration::from_secs(3599));
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    scene.app.clock.advance(Duration::from_secs(1));
    open.closes().await;
}

#[rocket::async_test]
async fn a_stream_closes_when_its_session_has_lived_for_long() {
    let scene = Scene::open(often).await;
    let (browser, _) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    for _ in 0..47 {
        scene.app.clock.advance(Duration::from_mins(30));
        assert_eq!(browser.get("/me").await.code(), 200);
    }
    scene.app.clock.advance(Duration::from_secs(1799));
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    scene.app.clock.advance(Duration::from_secs(1));
    open.closes().await;
}

#[rocket::async_test]
async fn another_stamp_closes_a_stream() {
    let changed = Changed::default();
    let scene = Scene::of(place::storage(), often, &changed).await;
    let (browser, handle) = scene.member().await;
    let open = Open::of(&browser, &scene).await;
    scene.app.events();
    changed.store(true, Ordering::SeqCst);
    scene.app.clock.advance(Duration::from_mins(5));
    open.closes().await;
    let events = scene.app.events();
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].kind, events[0].handle), (&EventKind::Ended(EndedBy::Stamp), Some(handle)));
    assert_eq!(events[0].identifier.as_deref(), Some("7"));
    assert_eq!(scene.app.sessions::<Member>().count(&7).await.unwrap(), 0);
}

#[rocket::async_test]
async fn a_stream_closes_at_once_when_a_request_finds_another_stamp() {
    let changed = Changed::default();
    let scene = Scene::of(place::storage(), |_| (), &changed).await;
    let (browser, _) = scene.member().await;
    let open = Open::of(&browser, &scene).await;
    changed.store(true, Ordering::SeqCst);
    scene.app.clock.advance(Duration::from_mins(5));
    assert_eq!(browser.get("/me").await.code(), 401);
    open.closes().await;
}

#[rocket::async_test]
async fn a_stream_closes_at_once_when_an_end_succeeds_at_last() {
    let storage = Arc::new(FaultStorage::new(place::storage()));
    let scene = Scene::on(storage.clone(), |_| ()).await;
    let (browser, _) = scene.member().await;
    let open = Open::of(&browser, &scene).await;
    storage.fail_next(Operation::Delete, Fault::Before, 1);
    assert_eq!(browser.post("/logout").await.code(), 503);
    open.closes().await;
}

#[rocket::async_test]
async fn a_storage_that_fails_closes_no_stream() {
    let storage = Arc::new(FaultStorage::new(place::storage()));
    let config = |config: &mut Config| {
        often(config);
        config.timeout = Duration::from_secs(1);
    };
    let scene = Scene::on(storage.clone(), config).await;
    let (browser, handle) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    storage.fail_next(Operation::Find, Fault::Hang, 1);
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    storage.fail(Operation::Find, Fault::Before);
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    assert!(scene.app.sessions::<Member>().end_one(&handle).await.unwrap());
    assert!(open.outlasts(&scene.members, Operation::Find).await, "nobody knows yet");
    storage.clear();
    open.closes().await;
}

#[rocket::async_test]
async fn a_stream_asks_once_at_its_beginning_and_then_so_often_as_is_configured() {
    let scene = Scene::open(|_| ()).await;
    let storage = &scene.members;
    let (browser, _) = scene.member().await;
    storage.clear();
    let mut open = Open::of(&browser, &scene).await;
    assert!(open.stays().await);
    assert_eq!((storage.count(Operation::Find), storage.calls().len()), (1, 2), "a load, and a find");
    for _ in 0..5 {
        browser.get("/me").await;
    }
    assert_eq!(storage.count(Operation::Find), 1, "requests that end nothing do not stir it");
}

#[rocket::async_test]
async fn s_04_another_process_closes_a_stream() {
    for kind in [Kind::of_the_run(), Kind::Text] {
        let Some(place) = kind.place() else { return };
        let (scene, there) = (Scene::on(place.storage(), often).await, Scene::on(place.storage(), often).await);
        let (browser, _) = scene.member().await;
        let mut open = Open::of(&browser, &scene).await;
        let other = browser.visiting(there.app.client());
        assert_eq!(other.post("/rotate").await.code(), 200);
        assert!(open.outlasts(&scene.members, Operation::Find).await);
        assert_eq!(other.post("/logout").await.code(), 200);
        open.closes().await;
    }
}

#[rocket::async_test]
async fn a_session_that_begins_with_its_stream_counts_from_when_it_is_saved() {
    let scene = Scene::open(often).await;
    let browser = scene.app.browser();
    let mut open = Open::at(&browser, &scene, "/login-stream").await;
    assert!(open.outlasts(&scene.members, Operation::Find).await);
    assert_eq!(scene.app.sessions::<Member>().end_all(&7).await.unwrap(), 1);
    open.closes().await;
}

#[rocket::async_test]
async fn a_session_that_begins_with_its_stream_and_ends_before_it_looks_closes_it() {
    let scene = Scene::open(often).await;
    let mut open = Open::begin(&scene.app.browser(), &scene, "/login-stream").await;
    assert_eq!(scene.app.sessions::<Member>().end_all(&7).await.unwrap(), 1);
    open.greets().await;
    open.closes().await;
}

#[rocket::async_test]
async fn the_stream_of_who_signs_in_with_the_old_password_closes() {
    let changed = Changed::default();
    changed.store(true, Ordering::SeqCst);
    let scene = Scene::of(place::storage(), often, &changed).await;
    let mut open = Open::begin(&scene.app.browser(), &scene, "/login-stream").await;
    open.greets().await;
    open.closes().await;
    assert_eq!(scene.app.sessions::<Member>().count(&7).await.unwrap(), 0);
}

#[rocket::async_test]
async fn the_stream_of_who_changes_the_password_stays_open() {
    let (changed, storage) = (Changed::default(), Arc::new(ParkStorage::new(place::storage())));
    let scene = Scene::of(storage.clone(), often, &changed).await;
    let (browser, _) = scene.member().await;
    let mut open = Open::of(&browser, &scene).await;
    let rotation = storage.park(Operation::Rotate, When::Before);
    let look = async {
        rotation.reached().await;
        changed.store(true, Ordering::SeqCst);
        scene.app.clock.advance(Duration::from_mins(5));
        let found = storage.park(Operation::Find, When::After);
        assert!(open.stays_until(found.reached()).await);
        let rotated = storage.park(Operation::Rotate, When::After);
        rotation.release();
        rotated.reached().await;
        found.release();
        assert!(open.outlasts(&scene.members, Operation::Find).await);
    };
    assert_eq!(join!(browser.post("/password/1"), look).0.code(), 200);
    assert_eq!(browser.get("/me").await.code(), 200);
    browser.post("/logout").await;
    open.closes().await;
}

#[rocket::async_test]
async fn a_session_that_can_not_be_read_closes_its_stream() {
    let scene = Scene::open(often).await;
    let guest = scene.app.browser();
    guest.post("/hit").await;
    guest.post("/become/7").await;
    let open = Open::at(&guest, &scene, "/guest/stream").await;
    let key = *scene.guests.calls().iter().flat_map(|call| &call.keys).next_back().unwrap();
    let set = [("id".to_owned(), FieldText::Json("\"x\"".to_owned()))].into();
    let patch = Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() });
    scene.guests.inner().commit(&key, patch, scene.app.clock.timestamp()).await.unwrap();
    open.closes().await;
}

#[rocket::async_test]
async fn without_a_session_a_stream_closes_at_once() {
    let scene = Scene::open(|_| ()).await;
    let answer = scene.app.browser().get("/stream").await;
    assert_eq!(answer.body, "open ended");
}

#[rocket::async_test]
async fn the_stream_of_a_guest_closes_when_the_guest_becomes_somebody() {
    let scene = Scene::open(often).await;
    let guest = scene.app.browser();
    guest.post("/hit").await;
    let mut open = Open::at(&guest, &scene, "/guest/stream").await;
    guest.post("/guest/rotate").await;
    assert!(open.outlasts(&scene.guests, Operation::Find).await);
    guest.post("/become/7").await;
    open.closes().await;
    let open = Open::at(&guest, &scene, "/guest/stream").await;
    guest.post("/guest/end").await;
    open.closes().await;
}

#[rocket::async_test]
async fn the_stream_of_a_guest_closes_at_once() {
    let scene = Scene::open(|_| ()).await;
    let guest = scene.app.browser();
    guest.post("/hit").await;
    for page in ["/become/7", "/guest/end"] {
        let open = Open::at(&guest, &scene, "/guest/stream").await;
        guest.post(page).await;
        open.closes().await;
    }
}

#[rocket::async_test]
async fn without_an_index_a_stream_follows_the_rotations_of_this_process() {
    let config = |config: &mut Config| {
        often(config);
        config.renew = Some(Duration::from_mins(1));
    };
    let scene = Scene::open(config).await;
    let browser = scene.app.browser();
    browser.post("/nobody").await;
    let mut open = Open::at(&browser, &scene, "/nobody/stream").await;
    assert_eq!(browser.post("/nobody/rotate").await.code(), 200);
    for _ in 0..3 {
        scene.app.clock.advance(Duration::from_mins(2));
        assert_eq!(browser.get("/nobody").await.body, "1");
        assert!(open.outlasts(&scene.nobodies, Operation::Load).await);
    }
    browser.post("/nobody/end").await;
    open.closes().await;
}

#[rocket::async_test]
async fn without_an_index_a_stream_stays_open_beside_a_token_in_grace() {
    let config = |config: &mut Config| {
        often(config);
        config.renew = Some(Duration::from_mins(1));
    };
    let scene = Scene::open(config).await;
    let browser = scene.app.browser();
    browser.post("/nobody").await;
    let old = browser.copy();
    scene.app.clock.advance(Duration::from_mins(2));
    // The new token is given, and presented.
    for _ in 0..2 {
        assert_eq!(browser.get("/nobody").await.body, "1");
    }
    let mut open = Open::at(&browser, &scene, "/nobody/stream").await;
    assert_eq!(old.post("/nobody/hit").await.code(), 200);
    scene.app.clock.advance(Duration::from_secs(31));
    assert_eq!(old.get("/nobody").await.body, "0");
    assert!(open.outlasts(&scene.nobodies, Operation::Load).await);
}

#[rocket::async_test]
async fn the_stream_of_a_session_in_its_cookie_closes_by_its_revocation_and_its_time() {
    let revocations = spied(place::storage());
    let app = App::builder().config(often).sessions::<Visitor>(CookieStorage::new().revocations(revocations.clone()));
    let app = app.mount(routes![visit, end_visit, visit_stream]);
    let scene = Scene {
        app: app.open().await,
        members: revocations.clone(),
        guests: revocations.clone(),
        nobodies: revocations,
    };
    let visitor = scene.app.browser();
    visitor.post("/visit").await;
    let mut open = Open::at(&visitor, &scene, "/visit/stream").await;
    assert!(open.outlasts(&scene.members, Operation::Load).await);
    visitor.post("/visit/end").await;
    open.closes().await;

    visitor.post("/visit").await;
    let mut open = Open::at(&visitor, &scene, "/visit/stream").await;
    assert!(open.outlasts(&scene.members, Operation::Load).await);
    scene.app.clock.advance(Duration::from_hours(1));
    open.closes().await;
}
