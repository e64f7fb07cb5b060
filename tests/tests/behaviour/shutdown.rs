//! Requests that are under way when the application is told to shut down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rocket::fairing::AdHoc;
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::join;
use rocket::tokio::net::TcpStream;
use rocket::tokio::sync::Notify;
use rocket::tokio::time::timeout;
use rocket::{State, get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Session, Sessions};
use rocket_typed_session_tests::{Role, Unlisted, User, UserMut, figment, place, serve};

/// A request that waits for the shutdown.
#[derive(Default)]
struct Late {
    came: Notify,
    may_go: Notify,
}

impl Late {
    async fn wait(&self) {
        self.came.notify_one();
        self.may_go.notified().await;
    }
}

#[post("/login")]
fn login(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[get("/me")]
fn me(user: &User) -> String {
    user.theme.clone()
}

#[post("/late/theme")]
async fn theme(late: &State<Arc<Late>>, mut user: UserMut<'_>) {
    user.set_theme("dark");
    late.wait().await;
}

#[post("/late/logout")]
async fn logout(late: &State<Arc<Late>>, session: Session<'_, User>) {
    late.wait().await;
    session.end();
}

/// Sends a request, and returns the head of the answer.
async fn ask(port: u16, begin: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let text = format!("{begin} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n{cookie}\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Sends a request of somebody who is signed in, shuts the application down meanwhile, and returns the status of the
/// answer, and that of a request with the same cookie to another application on the same storage.
async fn shutting_down(begin: &str) -> (String, String) {
    let storage = place::storage();
    let late = Arc::new(Late::default());
    let application = || {
        let sessions = Sessions::<User>::builder().storage(storage.clone());
        rocket::custom(figment()).attach(sessions).manage(late.clone()).mount("/", routes![login, me, theme, logout])
    };
    let told = late.clone();
    // Shutdown fairings begin in the order in which they are attached.
    let after_ours = AdHoc::on_shutdown("after ours", move |_| Box::pin(async move { told.may_go.notify_one() }));
    let (port, shutdown) = serve(application().attach(after_ours)).await;
    let (other, stop) = serve(application()).await;
    let head = ask(port, "POST /login", "").await;
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).unwrap();
    let cookie = format!("Cookie: {cookie}\r\n");
    let (answer, ()) = join!(ask(port, begin, &cookie), async {
        late.came.notified().await;
        shutdown.notify();
    });
    let after = ask(other, "GET /me", &cookie).await;
    stop.notify();
    let status = |answer: &str| answer.lines().next().unwrap_or_default().to_owned();
    (status(&answer), status(&after))
}

#[rocket::async_test]
async fn a_change_of_a_request_under_way_is_stored() {
    let (answer, after) = shutting_down("POST /late/theme").await;
    assert_eq!((&*answer, &*after), ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"));
}

#[rocket::async_test]
async fn who_signs_out_meanwhile_is_signed_out() {
    let (answer, after) = shutting_down("POST /late/logout").await;
    assert_eq!((&*answer, &*after), ("HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized"));
}

/// Somebody whose sessions nobody lists.
#[derive(Clone, Default, Session)]
struct Nobody {
    hits: u64,
}

#[rocket::async_test]
async fn the_storage_is_let_go_of_once_requests_under_way_have_had_their_time() {
    let storage = Unlisted::new(Arc::new(MemoryStorage::new()));
    let left = storage.left();
    let figment = figment().merge(("shutdown.grace", 1)).merge(("shutdown.mercy", 1));
    let sessions = Sessions::<Nobody>::builder().storage(storage);
    let (_, shutdown) = serve(rocket::custom(figment).attach(sessions)).await;
    let told = Instant::now();
    shutdown.notify();
    timeout(Duration::from_secs(30), left.notified()).await.expect("the storage is let go of");
    assert!(told.elapsed() >= Duration::from_secs(2), "{:?}", told.elapsed());
}
