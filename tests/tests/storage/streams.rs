//! A stream of one process, and a session that another one ends.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rocket::response::stream::TextStream;
use rocket::tokio::time::timeout;
use rocket::tokio::{join, select};
use rocket::{get, post, routes};
use rocket_typed_session::Session;
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::testing::{Operation, SpyStorage};
use rocket_typed_session_tests::App;

#[derive(Clone, Session)]
#[session(required)]
struct Listener {
    #[session(identifier)]
    id: i64,
}

#[post("/login")]
fn login(session: Session<'_, Listener>) {
    session.start(Listener { id: 7 });
}

#[post("/rotate")]
fn rotate(session: Session<'_, Listener>) {
    session.rotate();
}

#[post("/logout")]
fn logout(session: Session<'_, Listener>) {
    session.end();
}

#[get("/stream")]
fn stream(_listener: &Listener, session: Session<'_, Listener>) -> TextStream![&'static str] {
    let ended = session.ended();
    TextStream! {
        ended.await;
        yield "ended";
    }
}

async fn app(storage: impl SessionStorage) -> App {
    let app = App::builder().config(|config| {
        config.watch = Duration::from_millis(5);
        config.timeout = Duration::from_mins(1);
    });
    app.sessions::<Listener>(storage).mount(routes![login, rotate, logout, stream]).open().await
}

/// Opens a stream in one process, rotates the session's token in another, and ends it there.
pub(crate) async fn closes_when_another_process_ends_its_session(
    here: impl SessionStorage,
    there: impl SessionStorage,
) {
    let here_spied = Arc::new(SpyStorage::new(here));
    let (here, there) = (app(here_spied.clone()).await, app(there).await);
    let browser = here.browser();
    assert_eq!(browser.post("/login").await.code(), 200);
    let other = browser.visiting(there.client());
    let asked = async |more: usize| {
        let enough = here_spied.count(Operation::Find) + more;
        while here_spied.count(Operation::Find) < enough {
            rocket::tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let mut open = pin!(browser.get("/stream"));
    let rotate = async {
        asked(1).await;
        assert_eq!(other.post("/rotate").await.code(), 200);
        asked(3).await;
    };
    select! {
        biased;
        answer = &mut open => panic!("the rotation was no end: {answer:?}"),
        () = rotate => {}
    }
    let closed = async { join!(open, other.post("/logout")) };
    let (answer, ended) = timeout(Duration::from_mins(1), closed).await.expect("an end");
    assert_eq!((ended.code(), answer.body.as_str()), (200, "ended"));
}
