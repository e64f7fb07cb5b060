//! What is kept of sessions as they were read last: it spares decoding, and is never believed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use rocket::http::Method;
use rocket::serde::json::{Json, Value, json};
use rocket::serde::{Deserialize, Deserializer, Serialize};
use rocket::tokio::join;
use rocket::tokio::sync::Mutex;
use rocket::{Route, delete, get, post, routes};
use rocket_typed_session::storage::SessionStorage;
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

#[post("/word/<word>")]
fn set_word(mut reader: ReaderMut<'_>, word: String) {
    reader.set_word(word);
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
    routes![sign_in, read, set_theme, set_word, set_nickname, visit, put, notice, both, sign_out]
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

    // Only what was set is decoded.
    for edit in ["/theme/dark", "/theme/light", "/nickname/ada", "/both/blue", "/theme/a%20%22longer%22%20one"] {
        assert_eq!(here.post(edit).await.code(), 200, "{edit}");
        let (shown, decoded) = page(here).await;
        assert_eq!(decoded, 0, "{edit}");
        assert_eq!(page(&there).await.0, shown, "{edit}");
    }
    // Entries are read with all else.
    for edit in ["/visit", "/cart/7", "/notice/hello"] {
        assert_eq!(here.post(edit).await.code(), 200, "{edit}");
        let (shown, _) = page(here).await;
        assert_eq!(page(&there).await.0, shown, "{edit}");
        assert_eq!(page(here).await.1, 0, "{edit}");
    }
    // Another process sets another field, and one and the same.
    let (shown, decoded) = set_elsewhere(here, &there, "/nickname/theirs").await;
    assert!(shown.contains("theirs") && decoded == 0, "{shown}: {decoded}");
    let (shown, decoded) = set_elsewhere(here, &there, "/word/puma").await;
    assert!(shown.contains("puma") && decoded == 1, "{shown}: {decoded}");
    // Both at a time: whichever the server says.
    for (ours, theirs) in [("/theme/ours", "/visit"), ("/nickname/ours", "/theme/theirs"), ("/both/ours", "/cart/8")] {
        join!(here.post(ours), there.post(theirs));
        assert_eq!(page(here).await.0, page(&there).await.0, "{ours} and {theirs}");
    }
}

async fn set_elsewhere(here: &Browser<'_>, there: &Browser<'_>, edit: &str) -> (String, usize) {
    assert_eq!(there.post(edit).await.code(), 200);
    page(here).await
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
    assert!(shown.contains("by hand") && decoded == 0, "{shown}: {decoded}");

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

/// What is done to a session: here, elsewhere, or by hand.
const STEPS: [&[&str]; 8] = [
    &["/theme/dark", "/theme/light", "/both/blue", "/visit"],
    &["/word/puma", "/word/lynx", "/nickname/ada", "/nickname/bob"],
    &["/cart/7", "/cart/8", "/notice/hello", "/visit"],
    &["theme", "\"by hand\"", " \"spaced\" ", "bad"],
    &["word", "\"\\u0061\"", "null", "7"],
    &["visits", "41", "4.5", "\"none\""],
    &["cart/7", "3", "{}", "-1"],
    &["unknown", "1", "{}", "[]"],
];

#[rocket::async_test]
async fn whatever_is_done_is_read_as_if_nothing_were_kept() {
    let Some(server) = Private::start(&[]) else { return };
    let builder = RedisStorage::builder(&server.url()).unwrap();
    let here = app(builder.clone().build().unwrap()).await;
    let there = app(builder.cache(0).build().unwrap()).await;
    let one = here.browser();
    assert_eq!(one.post("/in/1?word=lynx").await.code(), 200);
    let two = one.visiting(there.client());
    let mut console = server.console();
    let session = console.keys("session:{*}:*").into_iter().find(|key| key.len() > 70).unwrap();
    let mut random = 1_u32;
    let mut drawn = |count: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % count
    };
    for step in 0..600 {
        let choices = STEPS[drawn(STEPS.len())];
        let (who, choice) = (drawn(3), choices[drawn(choices.len())]);
        let done = format!("{step}: {choices:?} {choice} {who}");
        if choices[0].starts_with('/') {
            let browser = if who == 0 { &two } else { &one };
            assert_eq!(browser.post(choice).await.code(), 200, "{done}");
        } else {
            // Its own name stands for what the struct stores, so that now and then all is plain.
            let text = if choice == choices[0] { choices[1] } else { choice };
            console.ask(&["HSET", &session, choices[0], text]);
            if choices[0] == "unknown" && choice == choices[0] {
                console.ask(&["HDEL", &session, "unknown"]);
            }
        }
        assert_eq!(one.get("/").await.body, two.get("/").await.body, "{done}");
    }
}

/// Fields whose text says more than is read of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "rocket::serde")]
struct Style {
    theme: String,
    #[serde(skip_deserializing)]
    rendered: String,
}

#[derive(Session, Debug, Clone, PartialEq)]
#[session(required, name = "shared")]
struct Painter {
    #[session(identifier)]
    id: i64,
    style: Style,
    #[session(default = drawn())]
    drawn: i64,
    #[session(with = unlucky)]
    word: String,
}

#[derive(Session, Debug, Clone, PartialEq)]
#[session(required, name = "shared")]
struct Visitor {
    #[session(identifier)]
    id: i64,
    style: Value,
}

fn drawn() -> i64 {
    static DRAWN: AtomicI64 = AtomicI64::new(1);
    DRAWN.fetch_add(1, Ordering::Relaxed)
}

mod unlucky {
    use rocket::serde::{Deserialize, Deserializer};

    pub(super) use super::counted::serialize;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer).inspect(|word| assert_ne!(word, "unlucky"))
    }
}

#[post("/in")]
fn paint(session: Session<'_, Painter>) {
    session.start(Painter { id: 1, style: Style::default(), drawn: 0, word: String::new() });
}

#[get("/")]
fn painted(painter: &Painter) -> Json<Value> {
    Json(json!([painter.style, painter.drawn]))
}

#[post("/style/<theme>")]
fn set_style(mut painter: PainterMut<'_>, theme: String) {
    painter.set_style(Style { theme, rendered: "x".repeat(300) });
}

#[post("/word/<word>")]
async fn set_lucky(mut painter: PainterMut<'_>, word: String) -> Result<(), SessionError> {
    painter.set_word(word);
    painter.session().save().await
}

#[get("/style")]
fn style(visitor: &Visitor) -> Json<Value> {
    Json(visitor.style.clone())
}

#[rocket::async_test]
async fn what_is_kept_is_what_would_be_read() {
    let Some(server) = Private::start(&[]) else { return };
    let storage: Arc<dyn SessionStorage> = Arc::new(RedisStorage::builder(&server.url()).unwrap().build().unwrap());
    let painters = App::builder().config(|config| config.max_size = 1000.into()).sessions::<Painter>(storage.clone());
    let painters = painters.mount(routes![paint, painted, set_style, set_lucky]).open().await;
    let visitors = App::builder().sessions::<Visitor>(storage).mount(routes![style]).open().await;
    let painter = painters.browser();
    assert_eq!(painter.post("/in").await.code(), 200);
    let visitor = painter.visiting(visitors.client());

    // The size of what is stored, however often it is set.
    for theme in 10..20 {
        assert_eq!(painter.get("/").await.code(), 200);
        assert_eq!(painter.post(&format!("/style/{theme}")).await.code(), 200, "{theme}");
    }
    // Another type reads what is stored, not what the first one reads of it.
    let shown = async || (painter.get("/").await.body, visitor.get("/style").await.body);
    let rendered = "x".repeat(300);
    let stored = json!({ "theme": "19", "rendered": rendered }).to_string();
    for _ in 0..2 {
        assert_eq!(shown().await, (r#"[{"rendered":"","theme":"19"},0]"#.into(), in_order(&stored)));
    }
    // A default is found out each time.
    let mut console = server.console();
    let session = console.keys("session:{*}:*").into_iter().find(|key| key.len() > 70).unwrap();
    console.ask(&["HDEL", &session, "drawn"]);
    let [first, second] = [painter.get("/").await.body, painter.get("/").await.body];
    assert_ne!(first, second);
    let (first, second) = join!(painter.get("/"), painter.get("/"));
    assert_ne!(first.body, second.body);
    console.ask(&["HSET", &session, "drawn", "0"]);
    assert_eq!(painter.get("/").await.code(), 200);
    // What was acknowledged was, whether it can be read or not.
    assert_eq!(painter.post("/word/unlucky").await.code(), 200);
    for _ in 0..2 {
        assert_eq!((painter.get("/").await.code(), visitor.get("/style").await.code()), (500, 200));
    }
    console.ask(&["HSET", &session, "word", "\"\""]);
    assert_eq!(painter.get("/").await.code(), 200);
    // Nor is what has grown beyond twice its bound.
    console.ask(&["HSET", &session, "style", &json!({ "theme": "x".repeat(2000), "rendered": rendered }).to_string()]);
    for _ in 0..2 {
        assert_eq!(painter.get("/").await.code(), 401);
    }
}

fn in_order(json: &str) -> String {
    rocket::serde::json::from_str::<Value>(json).unwrap().to_string()
}

/// Counts those that there are.
#[derive(Debug, PartialEq, Serialize)]
#[serde(crate = "rocket::serde", transparent)]
struct Secret(String);

static SECRETS: AtomicI64 = AtomicI64::new(0);

impl Secret {
    fn new(text: String) -> Self {
        SECRETS.fetch_add(1, Ordering::SeqCst);
        Self(text)
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        SECRETS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Session, Debug, Clone, PartialEq)]
#[session(required)]
struct Keeper {
    #[session(identifier)]
    id: i64,
    secret: Secret,
}

#[post("/in/<length>")]
fn keep(session: Session<'_, Keeper>, length: usize) {
    session.start(Keeper { id: 1, secret: Secret::new("s".repeat(length)) });
}

#[get("/")]
fn kept(keeper: &Keeper) -> String {
    keeper.secret.0.len().to_string()
}

#[post("/<length>")]
fn keep_more(mut keeper: KeeperMut<'_>, length: usize) {
    keeper.set_secret(Secret::new("s".repeat(length)));
}

#[delete("/")]
fn keep_none(session: Session<'_, Keeper>) {
    session.end();
}

#[rocket::async_test]
async fn what_ended_is_not_kept() {
    let Some(url) = url(SINGLE) else { return };
    let open = async |storage| {
        let app = App::builder().sessions::<Keeper>(storage);
        app.mount(routes![keep, kept, keep_more, keep_none]).open().await
    };
    let builder = builder(&url);
    let (here, there) = (open(builder.clone().build().unwrap()).await, open(builder.cache(0).build().unwrap()).await);
    let member = async || {
        let browser = here.browser();
        assert_eq!(browser.post("/in/3").await.code(), 200);
        assert_eq!(browser.get("/").await.code(), 200);
        assert_eq!(SECRETS.load(Ordering::SeqCst), 1, "it is kept");
        browser
    };
    let sessions = here.sessions::<Keeper>();

    let browser = member().await;
    assert_eq!(browser.send(Method::Delete, "/", &[]).await.code(), 200);
    assert_eq!(SECRETS.load(Ordering::SeqCst), 0, "ended here");

    let browser = member().await;
    sessions.end_all(&1).await.unwrap();
    assert_eq!(browser.get("/").await.code(), 401);
    assert_eq!(SECRETS.load(Ordering::SeqCst), 0, "found ended");

    let browser = member().await;
    let elsewhere = browser.visiting(there.client());
    assert_eq!(elsewhere.post("/4000").await.code(), 200);
    assert_eq!(browser.get("/").await.body, "4000");
    assert_eq!(SECRETS.load(Ordering::SeqCst), 0, "grown too large");
}

#[test]
fn more_than_can_be_kept_is_refused() {
    let refused = RedisStorage::builder("redis://127.0.0.1").unwrap().cache(usize::MAX).build().unwrap_err();
    assert!(refused.to_string().contains("`cache`"), "{refused}");
}
