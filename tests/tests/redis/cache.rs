//! What is kept of sessions as they were read last: it spares decoding, and is never believed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::http::Method;
use rocket::serde::json::{Json, Value, json};
use rocket::tokio::join;
use rocket::tokio::sync::Mutex;
use rocket::{Route, delete, get, post, routes};
use rocket_typed_session::storage::redis::RedisStorage;
use rocket_typed_session::{Session, SessionError};
use rocket_typed_session_tests::{App, Browser};

use crate::scene::HOUR;
use crate::server::{CLUSTER, Private, SINGLE, builder, url};

/// How often a word was decoded.
static DECODED: AtomicUsize = AtomicUsize::new(0);

/// Held by the test that counts.
static COUNTS: Mutex<()> = Mutex::const_new(());

mod counted {
    use super::{DECODED, Ordering};
    use rocket::serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
        word.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        DECODED.fetch_add(1, Ordering::Relaxed);
        String::deserialize(deserializer)
    }
}

#[derive(Session, Debug, Clone, Default, PartialEq)]
#[session(required)]
struct Reader {
    #[session(identifier)]
    id: Option<i64>,
    #[session(with = counted)]
    word: String,
    theme: String,
    #[session(merge = reject)]
    nickname: String,
    #[session(merge = add)]
    visits: i64,
    #[session(merge = entries)]
    cart: BTreeMap<String, u32>,
    #[session(flash)]
    notice: Option<String>,
}

#[post("/in/<id>?<word>")]
fn sign_in(session: Session<'_, Reader>, id: i64, word: String) {
    session.start(Reader { id: Some(id), word, ..Reader::default() });
}

#[get("/")]
fn read(reader: &Reader) -> Json<Value> {
    let Reader { id, word, theme, nickname, visits, cart, notice } = reader;
    Json(json!([id, word, theme, nickname, visits, cart, notice]))
}

#[post("/theme/<theme>")]
fn set_theme(mut reader: ReaderMut<'_>, theme: String) {
    reader.set_theme(theme);
}

#[post("/nickname/<nickname>")]
fn set_nickname(mut reader: ReaderMut<'_>, nickname: String) {
    reader.set_nickname(nickname);
}

#[post("/visit")]
fn visit(mut reader: ReaderMut<'_>) {
    reader.add_visits(1);
}

#[post("/cart/<product>")]
fn put(mut reader: ReaderMut<'_>, product: String) -> Result<(), SessionError> {
    reader.insert_cart(product, 1)
}

#[post("/notice/<text>")]
fn notice(mut reader: ReaderMut<'_>, text: String) {
    reader.set_notice(Some(text));
}

#[post("/both/<theme>")]
async fn both(mut reader: ReaderMut<'_>, theme: String) -> Result<(), SessionError> {
    reader.set_theme(format!("{theme}, at first"));
    reader.session().save().await?;
    reader.set_theme(theme);
    Ok(())
}

#[delete("/")]
fn sign_out(session: Session<'_, Reader>) {
    session.end();
}

fn pages() -> Vec<Route> {
    routes![sign_in, read, set_theme, set_nickname, visit, put, notice, both, sign_out]
}

async fn app(storage: RedisStorage) -> App {
    App::builder().sessions::<Reader>(storage).mount(pages()).open().await
}

/// Returns the page, and how often the word was decoded for it.
async fn page(browser: &Browser<'_>) -> (String, usize) {
    let before = DECODED.load(Ordering::Relaxed);
    let answer = browser.get("/").await;
    assert_eq!(answer.code(), 200, "{}", answer.body);
    (answer.body, DECODED.load(Ordering::Relaxed) - before)
}

#[rocket::async_test]
async fn what_is_kept_spares_decoding_and_is_never_believed() {
    let _turn = COUNTS.lock().await;
    for variable in [SINGLE, CLUSTER] {
        let Some(url) = url(variable) else { return };
        let builder = builder(&url);
        let [here, there] = [builder.clone(), builder.clone().cache(0)].map(|builder| builder.build().unwrap());
        let (here, there) = (app(here).await, app(there).await);
        spares_decoding(&here.browser(), &there).await;
        is_as_long_as_it_may_be(&here.browser()).await;
        is_never_believed(&here, &there).await;
    }
}

async fn spares_decoding(here: &Browser<'_>, there: &App) {
    assert_eq!(here.post("/in/1?word=lynx").await.code(), 200);
    let there = here.visiting(there.client());
    let (first, decoded) = page(here).await;
    assert_eq!(decoded, 1, "it was written, not read");
    assert_eq!(page(here).await, (first.clone(), 0));
    assert_eq!(page(&there).await, (first, 1), "nothing is kept");

    // What this process sets it knows the text of.
    for edit in ["/theme/dark", "/theme/light", "/nickname/ada", "/both/blue", "/theme/a%20%22longer%22%20one"] {
        assert_eq!(here.post(edit).await.code(), 200, "{edit}");
        let (shown, decoded) = page(here).await;
        assert_eq!(decoded, 0, "{edit}");
        assert_eq!(page(&there).await.0, shown, "{edit}");
    }
    // What comes of these is the server's to tell.
    for edit in ["/visit", "/cart/7", "/notice/hello"] {
        assert_eq!(here.post(edit).await.code(), 200, "{edit}");
        let (shown, _) = page(here).await;
        assert_eq!(page(&there).await.0, shown, "{edit}");
        assert_eq!(page(here).await.1, 0, "{edit}");
    }
    // What another process sets this one decodes.
    assert_eq!(there.post("/theme/theirs").await.code(), 200);
    let (shown, decoded) = page(here).await;
    assert!(shown.contains("theirs") && decoded == 1, "{shown}: {decoded}");
    // Both at a time: whichever the server says.
    for (ours, theirs) in [("/theme/ours", "/visit"), ("/nickname/ours", "/theme/theirs"), ("/both/ours", "/cart/8")] {
        join!(here.post(ours), there.post(theirs));
        assert_eq!(page(here).await.0, page(&there).await.0, "{ours} and {theirs}");
    }
}

async fn is_as_long_as_it_may_be(here: &Browser<'_>) {
    let word = "w".repeat(1500);
    assert_eq!(here.post(&format!("/in/2?word={word}")).await.code(), 200);
    page(here).await;
    assert_eq!(page(here).await.1, 0);
    assert_eq!(here.post(&format!("/theme/{word}")).await.code(), 200);
    page(here).await;
    assert_eq!(page(here).await.1, 1, "more than 2 KiB");
}

async fn is_never_believed(here: &App, there: &App) {
    let browser = member(here).await;
    assert_eq!(browser.visiting(there.client()).send(Method::Delete, "/", &[]).await.code(), 200);
    assert_eq!(browser.get("/").await.code(), 401, "ended elsewhere");

    let browser = member(here).await;
    let old = browser.copy();
    assert_eq!(browser.post("/in/4?word=lynx").await.code(), 200);
    assert_eq!(old.get("/").await.code(), 401, "given another key");

    let browser = member(here).await;
    assert_eq!(there.sessions::<Reader>().end_all(&3).await.unwrap(), 1);
    assert_eq!(browser.get("/").await.code(), 401, "ended by its owner");
}

/// Signs in somebody whose session is kept as it was read.
async fn member(app: &App) -> Browser<'_> {
    let browser = app.browser();
    assert_eq!(browser.post("/in/3?word=lynx").await.code(), 200);
    page(&browser).await;
    assert_eq!(page(&browser).await.1, 0);
    browser
}

#[rocket::async_test]
async fn what_is_kept_is_as_dead_as_the_server_says() {
    let _turn = COUNTS.lock().await;
    let Some(server) = Private::start(&[]) else { return };
    let app = app(RedisStorage::builder(&server.url()).unwrap().build().unwrap()).await;
    let mut console = server.console();

    let browser = member(&app).await;
    let written = console.keys("session:{*}:*").into_iter().find(|key| key.len() > 70).unwrap();
    console.ask(&["HSET", &written, "theme", "\"by hand\""]);
    let (shown, decoded) = page(&browser).await;
    assert!(shown.contains("by hand") && decoded == 1, "{shown}: {decoded}");

    let index = console.keys("session:{*}:i").remove(0);
    console.ask(&["DEL", &index]);
    assert_eq!(browser.get("/").await.code(), 401, "its index says so");

    let browser = member(&app).await;
    app.sessions::<Reader>().end_everyone().await.unwrap();
    assert_eq!(browser.get("/").await.code(), 401, "everyone's ended");

    let browser = member(&app).await;
    app.clock.advance(366 * 24 * HOUR);
    assert_eq!(browser.get("/").await.code(), 401, "it expired, though the server still has it");
}
