//! Deployments that change the struct: what one version wrote, the next one reads, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use rocket::data::ToByteUnit;
use rocket::http::Method;
use rocket::{Route, get, post, routes};
use rocket_typed_session::record::{FieldPatch, FieldText, MetaPatch, Patch};
use rocket_typed_session::storage::{Loaded, SessionStorage};
use rocket_typed_session::testing::{SpyStorage, TestClock, TextStorage};
use rocket_typed_session::{Clock, Event, EventKind, Key, Session, SessionData};
use rocket_typed_session_tests::{App, Browser, Told, logs};
use serde_json::Value;

type Storage = Arc<SpyStorage<TextStorage>>;

/// Version 1.
mod first {
    use super::*;

    #[derive(Clone, Session)]
    #[session(required)]
    pub(super) struct User {
        #[session(identifier)]
        id: i64,
        theme: String,
        price: f64,
        dropped: String,
        colour: String,
        #[session(merge = add)]
        visits: u64,
        tags: Vec<String>,
        level: u32,
    }

    #[post("/login/<id>")]
    fn login(session: Session<'_, User>, id: i64) {
        let [theme, colour, dropped] = ["light", "red", "kept"].map(String::from);
        session.start(User { id, theme, price: 1.5, dropped, colour, visits: 40, tags: vec!["a".into()], level: 3 });
    }

    #[get("/me")]
    fn me(user: &User) -> String {
        let User { id, theme, price, dropped, colour, visits, tags, level } = user;
        format!("{id} {theme} {price} {dropped} {colour} {visits} {tags:?} {level}")
    }

    #[post("/edit/<theme>")]
    fn edit(mut user: UserMut<'_>, theme: &str) {
        user.set_theme(theme);
        user.add_visits(1);
    }

    pub(super) fn routes() -> Vec<Route> {
        routes![login, me, edit]
    }
}

/// Version 2: one field each is added, removed, renamed with an alias, stored under another name, of another type,
/// merged otherwise, and ends the session if it can not be read.
mod second {
    use std::collections::BTreeSet;

    use super::*;

    fn cents(price: Value) -> Option<i64> {
        price.as_f64().map(|price| format!("{:.0}", price * 100.0).parse().unwrap())
    }

    #[derive(Clone, Session)]
    #[session(required)]
    pub(super) struct User {
        #[session(identifier)]
        id: i64,
        #[session(alias = "theme")]
        skin: String,
        #[session(migrate = cents)]
        price: i64,
        #[session(rename = "colour")]
        tint: String,
        #[session(merge = add)]
        visits: u32,
        #[session(merge = members)]
        tags: BTreeSet<String>,
        #[session(undecodable = end)]
        level: u32,
        #[session(default = String::from("en"))]
        language: String,
        points: u64,
        #[session(merge = entries)]
        cart: BTreeMap<u32, u32>,
        #[session(merge = reject)]
        nick: Option<String>,
    }

    #[get("/me")]
    fn me(user: &User) -> String {
        let User { id, skin, price, tint, visits, tags, level, language, points, cart, nick } = user;
        format!("{id} {skin} {price} {tint} {visits} {tags:?} {level} {language} {points} {cart:?} {nick:?}")
    }

    #[post("/edit/<skin>")]
    fn edit(mut user: UserMut<'_>, skin: &str) -> Result<(), rocket_typed_session::SessionError> {
        user.set_skin(skin);
        user.add_visits(1);
        user.insert_tags("b".into())?;
        user.insert_cart(7, 1)?;
        user.set_nick(Some("ada".into()));
        Ok(())
    }

    #[post("/price/<price>")]
    fn price(mut user: UserMut<'_>, price: i64) {
        user.set_price(price);
    }

    pub(super) fn routes() -> Vec<Route> {
        routes![me, edit, price]
    }
}

/// Version 3: the field that says whose session it is has another name, and nothing says that it had one before.
mod third {
    use super::*;

    #[derive(Clone, Session)]
    #[session(required)]
    pub(super) struct User {
        #[session(identifier)]
        number: i64,
    }

    #[get("/me")]
    fn me(user: &User) -> String {
        user.number.to_string()
    }

    pub(super) fn routes() -> Vec<Route> {
        routes![me]
    }
}

/// A struct that reads anything.
mod tree {
    use super::*;

    #[derive(Clone, Default, Session)]
    pub(super) struct Visitor {
        tree: Value,
        #[session(undecodable = end)]
        strict: Value,
        text: String,
    }

    #[get("/tree")]
    fn tree(visitor: &Visitor) -> String {
        format!("{} {} {}", visitor.tree, visitor.strict, visitor.text)
    }

    #[post("/text/<text>")]
    fn text(mut visitor: VisitorMut<'_>, text: &str) {
        visitor.set_text(text);
    }

    #[post("/long/<length>")]
    fn long(mut visitor: VisitorMut<'_>, length: usize) {
        visitor.set_text("x".repeat(length));
    }

    pub(super) fn routes() -> Vec<Route> {
        routes![tree, text, long]
    }
}

struct World {
    storage: Storage,
    clock: TestClock,
}

impl World {
    fn new() -> Self {
        Self { storage: Arc::new(SpyStorage::new(TextStorage::new())), clock: TestClock::new() }
    }

    async fn deploy<T: SessionData>(&self, routes: Vec<Route>) -> App {
        App::builder().clock(&self.clock).sessions::<T>(self.storage.clone()).mount(routes).open().await
    }

    fn key(&self) -> Key {
        *self.storage.calls().iter().flat_map(|call| &call.keys).last().unwrap()
    }

    /// Returns the stored fields of the session that was last used, as texts.
    async fn stored(&self) -> BTreeMap<String, String> {
        let Loaded::Live { record, .. } = self.storage.inner().load(&self.key(), self.clock.timestamp()).await.unwrap()
        else {
            panic!("no session");
        };
        record.fields().unwrap().iter().map(|(name, text)| (name.clone(), text.json().into_owned())).collect()
    }

    /// Writes into the session that was last used.
    async fn write(&self, field: &str, text: &str) {
        let set = [(field.to_owned(), FieldText::Json(text.to_owned()))].into();
        self.patch(FieldPatch { set, ..FieldPatch::default() }).await;
    }

    async fn patch(&self, patch: FieldPatch) {
        let patch = Patch::new(MetaPatch::default(), patch);
        self.storage.inner().commit(&self.key(), patch, self.clock.timestamp()).await.unwrap();
    }
}

fn unread(events: &[Event]) -> Vec<&'static str> {
    let field = |event: &Event| match event.kind {
        EventKind::Undecodable { field, .. } => Some(field),
        _ => None,
    };
    events.iter().filter_map(field).collect()
}

async fn body(browser: &Browser<'_>, page: &str) -> String {
    browser.get(page).await.body
}

/// F-12: defaults, an alias, another stored name, a migration; nobody is signed out, and nothing is reported.
#[rocket::async_test]
async fn f_12_the_next_version_reads_what_this_one_wrote() {
    let world = World::new();
    let (old, new) =
        (world.deploy::<first::User>(first::routes()).await, world.deploy::<second::User>(second::routes()).await);
    let browser = old.browser();
    browser.post("/login/7").await;
    let browser = browser.visiting(new.client());
    assert_eq!(body(&browser, "/me").await, "7 light 150 red 40 {\"a\"} 3 en 0 {} None");
    assert!(unread(&new.events()).is_empty());
}

/// F-12: what the next version writes, and every field of it that merges, starts from what this one stored.
#[rocket::async_test]
async fn f_12_edits_of_the_next_version_build_on_what_this_one_stored() {
    let world = World::new();
    let (old, new) =
        (world.deploy::<first::User>(first::routes()).await, world.deploy::<second::User>(second::routes()).await);
    let browser = old.browser();
    browser.post("/login/7").await;
    let browser = browser.visiting(new.client());
    assert_eq!(browser.post("/edit/dark").await.code(), 200);
    assert_eq!(body(&browser, "/me").await, "7 dark 150 red 41 {\"a\", \"b\"} 3 en 0 {7: 1} Some(\"ada\")");
    assert_eq!(browser.post("/price/275").await.code(), 200);
    assert_eq!(browser.post("/edit/blue").await.code(), 200);
    assert_eq!(body(&browser, "/me").await, "7 blue 275 red 42 {\"a\", \"b\"} 3 en 0 {7: 1} Some(\"ada\")");
}

/// F-12 (spring-session#90, #1939): a rollback, or old instances beside new ones, lose nothing of the new fields.
#[rocket::async_test]
async fn f_12_versions_beside_each_other_keep_each_others_fields() {
    let world = World::new();
    let (old, new) =
        (world.deploy::<first::User>(first::routes()).await, world.deploy::<second::User>(second::routes()).await);
    let before = old.browser();
    before.post("/login/7").await;
    let after = before.visiting(new.client());
    after.post("/edit/dark").await;
    assert_eq!(body(&before, "/me").await, "7 light 1.5 kept red 41 [] 3", "an old version reads its own fields");
    assert_eq!(before.post("/edit/plain").await.code(), 200);
    assert_eq!(body(&after, "/me").await, "7 dark 150 red 42 {\"a\", \"b\"} 3 en 0 {7: 1} Some(\"ada\")");
    let stored = world.stored().await;
    assert_eq!((stored["dropped"].as_str(), stored["theme"].as_str()), ("\"kept\"", "\"plain\""));
    assert_eq!((stored["skin"].as_str(), stored["nick"].as_str()), ("\"dark\"", "\"ada\""));
}

/// F-12: what a version can not read of a field that merges is not replaced by what it took for it.
#[rocket::async_test]
async fn f_12_an_unread_field_is_stored_as_it_was_until_it_is_set() {
    let world = World::new();
    let app = world.deploy::<second::User>(second::routes()).await;
    let old = world.deploy::<first::User>(first::routes()).await;
    let browser = old.browser();
    browser.post("/login/7").await;
    world.write("colour", "{\"r\":255}").await;
    let browser = browser.visiting(app.client());
    assert_eq!(body(&browser, "/me").await, "7 light 150  40 {\"a\"} 3 en 0 {} None");
    browser.post("/edit/dark").await;
    assert_eq!(world.stored().await["colour"], "{\"r\":255}");
}

/// F-12: a session whose owner this version does not find is nobody's, and not that of number 0.
#[rocket::async_test]
async fn f_12_a_session_without_its_identifier_is_not_read() {
    let world = World::new();
    let (old, new) =
        (world.deploy::<first::User>(first::routes()).await, world.deploy::<third::User>(third::routes()).await);
    let browser = old.browser();
    browser.post("/login/7").await;
    let after = browser.visiting(new.client());
    assert_eq!(after.get("/me").await.code(), 401);
    assert_eq!(unread(&new.events()), [""]);
    assert_eq!(browser.get("/me").await.code(), 200, "the older version still reads it");
}

/// F-12: nor is a session somebody else's whose identifier was changed in the storage by hand.
#[rocket::async_test]
async fn f_12_a_session_with_the_identifier_of_somebody_else_is_not_read() {
    logs::capture();
    let world = World::new();
    let app = world.deploy::<first::User>(first::routes()).await;
    let browser = app.browser();
    browser.post("/login/7").await;
    world.write("id", "8").await;
    logs::take();
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(unread(&app.events()), [""]);
    let said = logs::take();
    assert!(said.contains(" of `session`: can not be read: its identifier is not the one"), "{said}");
}

/// F-13 (spring-session#529): a field that can not be read takes its default, and is reported once.
#[rocket::async_test]
async fn f_13_a_corrupted_field_is_reported_once_and_takes_its_default() {
    let world = World::new();
    let app = world.deploy::<first::User>(first::routes()).await;
    let browser = app.browser();
    browser.post("/login/7").await;
    world.write("theme", "{\"broken\":").await;
    world.write("visits", "-1").await;
    for _ in 0..3 {
        let answer = browser.get("/me").await;
        assert_eq!((answer.code(), answer.body.as_str()), (200, "7  1.5 kept red 0 [\"a\"] 3"));
        assert!(answer.cookies.is_empty());
    }
    let events = app.events();
    assert_eq!(unread(&events), ["theme", "visits"]);
    assert!(!format!("{events:?}").contains("broken"), "the stored text may be secret");
    assert_eq!(browser.post("/edit/dark").await.code(), 200);
    assert_eq!(body(&browser, "/me").await, "7 dark 1.5 kept red 1 [\"a\"] 3");
    assert!(unread(&app.events()).is_empty());
}

///
#[rocket::async_test]
async fn a_16_what_can_not_be_read_is_told_with_all_that_is_known() {
    const IP: &str = "192.0.2.7";
    let told = |field, reason: &str, world: &World, handle| {
        Told::new(EventKind::Undecodable { field, reason: reason.into() }, world.clock.now()).of(handle)
    };
    let unfit = "the stored value does not fit the field's type";
    let world = World::new();
    let app = world.deploy::<first::User>(first::routes()).await;
    let browser = app.browser();
    browser.post("/login/7").await;
    let sessions = app.sessions::<first::User>();
    let handle = sessions.list(&7).await.unwrap()[0].handle;
    app.events();
    world.write("theme", "1").await;
    browser.send(Method::Get, "/me", &[("X-Real-IP", IP)]).await;
    assert_eq!(app.told(), [told("theme", unfit, &world, handle).whose("7").from_ip(IP)]);
    world.write("visits", "-1").await;
    sessions.list(&7).await.unwrap();
    assert_eq!(app.told(), [told("visits", unfit, &world, handle).whose("7")]);
    world.write("id", "8").await;
    browser.send(Method::Get, "/me", &[("X-Real-IP", IP)]).await;
    let misplaced = "its identifier is not the one that it was stored for";
    assert_eq!(app.told(), [told("", misplaced, &world, handle).from_ip(IP)]);
}

/// F-13: where the field says so the session is not read; a new sign-in works at once. No answer is a 500.
#[rocket::async_test]
async fn f_13_a_corrupted_field_ends_the_session_where_it_says_so() {
    let world = World::new();
    let old = world.deploy::<first::User>(first::routes()).await;
    let new = world.deploy::<second::User>(second::routes()).await;
    let browser = old.browser();
    browser.post("/login/7").await;
    world.write("level", "\"high\"").await;
    let after = browser.visiting(new.client());
    for page in ["/me", "/me", "/me"] {
        assert_eq!(after.get(page).await.code(), 401);
    }
    assert_eq!(after.post("/edit/dark").await.code(), 401);
    assert_eq!(unread(&new.events()), ["level"]);
    assert_eq!((browser.get("/me").await.code(), browser.post("/login/7").await.code()), (200, 200));
    assert_eq!(body(&browser.visiting(new.client()), "/me").await, "7 light 150 red 40 {\"a\"} 3 en 0 {} None");
}

/// F-13: a field that is missing and has no default is as one that can not be read.
#[rocket::async_test]
async fn f_13_a_session_that_lost_all_its_fields_is_not_read() {
    let world = World::new();
    let app = world.deploy::<first::User>(first::routes()).await;
    let browser = app.browser();
    browser.post("/login/7").await;
    world.patch(FieldPatch { remove: world.stored().await.into_keys().collect(), ..FieldPatch::default() }).await;
    assert_eq!((browser.get("/me").await.code(), browser.get("/me").await.code()), (401, 401));
    assert_eq!(unread(&app.events()), [""]);
}

/// F-14 (deserialization as code: CVE-2025-24813, CVE-2020-9484, CVE-2018-15133): nesting is bounded; 127 levels are
/// read, 128 are not, in a field with a default and in one that ends the session.
#[rocket::async_test]
async fn f_14_deeply_nested_data_is_refused() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let world = World::new();
    let app = world.deploy::<tree::Visitor>(tree::routes()).await;
    let browser = app.browser();
    browser.post("/text/here").await;
    world.write("tree", &nested(127)).await;
    assert_eq!(body(&browser, "/tree").await, format!("{} null here", nested(127)));
    for levels in [128, 100_000] {
        world.write("tree", &nested(levels)).await;
        assert_eq!(body(&browser, "/tree").await, "null null here");
    }
    world.write("strict", &nested(100_000)).await;
    assert_eq!(body(&browser, "/tree").await, "null null ");
    assert_eq!(unread(&app.events()), ["tree", "strict"]);
}

/// F-14: a record of 10 MiB is not looked into; what is said of it does not quote it.
#[rocket::async_test]
async fn f_14_an_oversized_record_is_refused() {
    let world = World::new();
    let app = world.deploy::<tree::Visitor>(tree::routes()).await;
    let browser = app.browser();
    browser.post("/text/here").await;
    world.write("unknown", &format!("\"{}\"", "x".repeat(10 << 20))).await;
    for _ in 0..2 {
        let answer = browser.get("/tree").await;
        assert_eq!((answer.code(), answer.body.as_str()), (200, "null null "));
    }
    let events = app.events();
    assert_eq!(unread(&events).len(), 1);
    assert!(format!("{events:?}").len() < 1_000);
    browser.post("/text/anew").await;
    assert_eq!(body(&browser, "/tree").await, "null null anew");
}

/// F-14: no request writes what none could read.
#[rocket::async_test]
async fn f_14_a_session_that_would_be_too_large_is_not_written() {
    let world = World::new();
    let app = world.deploy::<tree::Visitor>(tree::routes()).await;
    let browser = app.browser();
    assert_eq!(browser.post("/long/5000000").await.code(), 500);
    assert_eq!(browser.cookie("__Host-session"), None);
    browser.post("/text/here").await;
    let answer = browser.post("/long/5000000").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 0));
    assert_eq!(body(&browser, "/tree").await, "null null here");
    assert_eq!(browser.post("/long/4000000").await.code(), 200);
    assert!(body(&browser, "/tree").await.ends_with("xxx"));
}

#[rocket::async_test]
async fn f_14_a_session_as_large_as_may_be_written_is_read() {
    let world = World::new();
    let app = App::builder().clock(&world.clock).config(|config| config.max_size = 1.kibibytes());
    let app = app.sessions::<tree::Visitor>(world.storage.clone()).mount(tree::routes()).open().await;
    let size = async || world.stored().await.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>();
    let browser = app.browser();
    browser.post("/long/1").await;
    let largest = 1024 - size().await + 1;
    assert_eq!(browser.post(&format!("/long/{largest}")).await.code(), 200);
    assert_eq!(size().await, 1024);
    assert_eq!(browser.post(&format!("/long/{}", largest + 1)).await.code(), 500);
    assert!(body(&browser, "/tree").await.ends_with(&"x".repeat(largest)));
}

/// It was written by who allowed more, or by several requests at once.
#[rocket::async_test]
async fn f_14_a_session_that_is_too_large_may_shrink() {
    let world = World::new();
    let app = App::builder().clock(&world.clock).config(|config| config.max_size = 1.kibibytes());
    let app = app.sessions::<tree::Visitor>(world.storage.clone()).mount(tree::routes()).open().await;
    let browser = app.browser();
    browser.post("/long/1").await;
    world.write("text", &format!("\"{}\"", "x".repeat(1500))).await;
    assert_eq!(browser.post("/long/1501").await.code(), 500);
    assert_eq!(browser.post("/long/1400").await.code(), 200);
    assert!(body(&browser, "/tree").await.ends_with(&"x".repeat(1400)));
}

/// F-14: data is data; what looks like code, a type or a reference is text.
#[rocket::async_test]
async fn f_14_stored_data_is_only_data() {
    let world = World::new();
    let app = world.deploy::<tree::Visitor>(tree::routes()).await;
    let browser = app.browser();
    browser.post("/text/here").await;
    let text = "{\"$text\":\"x\",\"@type\":\"java.lang.Runtime\",\"__proto__\":{\"role\":\"admin\"}}";
    world.write("tree", text).await;
    let read = body(&browser, "/tree").await;
    let read: Value = serde_json::from_str(read.strip_suffix(" null here").unwrap()).unwrap();
    assert_eq!(read, serde_json::from_str::<Value>(text).unwrap());
}
