//! What the tests of other libraries show of those, as far as it is not shown elsewhere; by library.
//!
//! Decided otherwise here: a cookie that is unknown, malformed or dead is left alone, since a late removal would take
//! another tab's new cookie (tower-sessions, actix-session and rustapi replace or remove it); a request that only
//! reads sends no cookie unless it slides a persistent one (actix-session can send it every time); the lifetime that
//! `set_ttl` gives stays (tower-sessions takes it back); an emptied map is a session still (tower-sessions: none).

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::http::{Method, SameSite};
use rocket::{get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, SpyStorage};
use rocket_typed_session::{Session, SessionError};
use rocket_typed_session_tests::{App, Site, User, logs};

const COOKIE: &str = "__Host-session";
const MINUTE: Duration = Duration::from_mins(1);

/// tower-sessions, actix-session: the cookie is as configured, and so is its removal.
#[rocket::async_test]
async fn the_cookie_is_as_configured() {
    for (same_site, secure, script) in
        [(SameSite::Strict, true, false), (SameSite::Lax, false, true), (SameSite::None, true, true)]
    {
        let site = Site::builder().users(|config| {
            config.cookie.name = Some("id".into());
            config.cookie.domain = Some("example.com".into());
            config.cookie.path = "/shop".into();
            (config.cookie.same_site, config.cookie.secure) = (same_site, secure);
            config.cookie.insecure_script_access = script;
        });
        let site = site.open().await;
        let browser = site.browser();
        let cookie = browser.post("/login/7/member").await.set_cookie("id").unwrap();
        assert_eq!((cookie.attribute("Domain"), cookie.attribute("Path")), (Some("example.com"), Some("/shop")));
        assert_eq!((cookie.has("Secure"), cookie.has("HttpOnly")), (secure, !script));
        assert_eq!(cookie.attribute("SameSite"), Some(same_site.to_string().as_str()));
        assert!(!cookie.has("Max-Age"));
        assert_eq!(browser.get("/me").await.code(), 200);
        let removal = browser.post("/logout").await.set_cookie("id").unwrap();
        assert_eq!((removal.place(), removal.max_age()), (cookie.place(), Some(0)));
    }
}

/// tower-sessions: a bogus cookie is not adopted; decided otherwise, it is left alone until there is a new one.
#[rocket::async_test]
async fn a_bogus_cookie_is_replaced_by_the_next_session_only() {
    let site = Site::open().await;
    let dead = site.member(7).await;
    let unknown = dead.token();
    dead.post("/logout").await;
    for value in [unknown.as_str(), "malformed"] {
        let browser = site.browser();
        browser.set_cookie(COOKIE, value);
        for page in ["/public", "/session", "/me", "/maybe"] {
            assert!(browser.get(page).await.cookies.is_empty(), "{page}");
        }
        assert!(browser.post("/logout").await.cookies.is_empty());
        assert_eq!(browser.post("/login/7/member").await.cookies.len(), 1);
        assert_ne!(browser.token(), value);
    }
}

/// tower-sessions: `set_expiry` sets and changes `Max-Age`, under the same session.
#[rocket::async_test]
async fn set_ttl_sets_and_changes_max_age() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let name = browser.get("/handle").await.body;
    for seconds in [7200, 60, 604_800] {
        let cookie = browser.post(&format!("/ttl/{seconds}")).await.set_cookie(COOKIE).unwrap();
        assert_eq!(cookie.max_age(), Some(seconds));
        assert_eq!(browser.get("/handle").await.body, name);
    }
    assert_eq!(browser.get("/me").await.cookies.len(), 0);
}

/// A lifetime that no session gets is not lost without a word.
#[rocket::async_test]
async fn set_ttl_without_a_session_is_logged() {
    logs::capture();
    let site = Site::open().await;
    logs::take();
    assert!(site.browser().post("/ttl/60").await.cookies.is_empty());
    let said = logs::take();
    assert!(said.contains("`set_ttl` does nothing without a session of `session`: call it after `start`"), "{said}");
    let browser = site.member(7).await;
    logs::take();
    browser.post("/ttl/60").await;
    assert!(!logs::take().contains("set_ttl"));
}

/// tower-sessions (`cycle_id`), rss, modo: a rotation changes the token and keeps the data and the name; it is one step
/// of the storage, so there is no moment without the session.
#[rocket::async_test]
async fn a_rotation_keeps_everything_but_the_token() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/update/dark").await;
    browser.post("/mark/star").await;
    let (data, name, old) = (browser.get("/me").await.body, browser.get("/handle").await.body, browser.copy());
    site.storage.clear();
    assert_eq!(browser.post("/rotate").await.cookies.len(), 1);
    let calls = site.storage.calls();
    assert_eq!(calls.iter().map(|call| call.operation).collect::<Vec<_>>(), [Operation::Load, Operation::Rotate]);
    assert_ne!(browser.token(), old.token());
    assert_eq!((browser.get("/me").await.body, browser.get("/handle").await.body), (data, name));
    assert_eq!(old.get("/me").await.code(), 401);
}

/// tower-sessions (`always_save`): a use moves the idle end, and never the absolute one.
#[rocket::async_test]
async fn a_use_moves_the_idle_end_under_the_same_token() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (token, before) = (browser.token(), browser.get("/times").await.body);
    site.clock.advance(30 * MINUTE);
    browser.get("/me").await;
    let after = browser.get("/times").await.body;
    assert_ne!(before, after);
    assert_eq!(browser.token(), token);
    for _ in 0..46 {
        site.clock.advance(30 * MINUTE);
        browser.get("/me").await;
    }
    let last = browser.get("/times").await.body;
    site.clock.advance(20 * MINUTE);
    browser.get("/me").await;
    let ends = |times: &str| times.matches("tv_sec: ").count();
    assert_eq!(ends(&last), 4);
    site.clock.advance(10 * MINUTE);
    assert_eq!(browser.get("/me").await.code(), 401);
}

/// actix-session: a persistent cookie is set on every change, with the whole age, and by reading only when it slides.
#[rocket::async_test]
async fn a_persistent_cookie_is_refreshed_by_changes() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.member(7).await;
    assert!(browser.get("/me").await.cookies.is_empty());
    for page in ["/theme/dark", "/visit"] {
        site.clock.advance(MINUTE);
        let answer = browser.post(page).await;
        let cookie = answer.set_cookie(COOKIE).unwrap();
        assert_eq!((cookie.max_age(), cookie.value), (Some(3600), browser.token()));
    }
    assert!(browser.post("/nothing").await.cookies.is_empty());
    assert!(browser.get("/public").await.cookies.is_empty());
}

/// actix-session: the complex workflow, from no session to the dead cookie.
#[rocket::async_test]
async fn a_whole_visit() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.browser();
    assert!(browser.get("/guest").await.cookies.is_empty());
    let first = browser.post("/guest/hit").await.set_cookie("__Host-guest").unwrap();
    assert_eq!(first.max_age(), Some(600), "until the cookie comes back");
    let second = browser.get("/guest").await.set_cookie("__Host-guest").unwrap();
    assert_eq!((second.max_age(), second.value), (Some(3600), first.value));
    assert!(browser.get("/guest").await.cookies.is_empty());
    let anonymous = browser.copy();
    let third = browser.post("/guest/account/ada").await.set_cookie("__Host-guest").unwrap();
    assert_eq!(browser.get("/guest").await.body, "Some(\"ada\") 1 ");
    let answer = anonymous.get("/guest/session").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("nobody", 0));
    let dead = browser.copy();
    let removal = browser.post("/guest/end").await.set_cookie("__Host-guest").unwrap();
    assert_eq!((removal.max_age(), removal.attribute("Path"), removal.place()), (Some(0), Some("/"), third.place()));
    assert_eq!(dead.get("/guest/session").await.body, "nobody");
}

/// actix-session: edits after a renewal do not undo it, nor does a renewal undo edits.
#[rocket::async_test]
async fn a_rotation_and_an_edit_in_one_request_are_both_done() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let old = browser.copy();
    assert_eq!(browser.post("/rotate-and-edit/dark").await.cookies.len(), 1);
    assert_eq!((browser.get("/owned").await.body, old.get("/me").await.code()), ("dark".into(), 401));
}

#[get("/")]
fn page(_user: &User) -> &'static str {
    "page"
}

#[post("/begin")]
fn begin(session: Session<'_, User>) {
    session.start(User::new(7, rocket_typed_session_tests::Role::Member));
}

/// actix-session (opaque errors): of a failed storage a client learns the status and nothing else.
#[rocket::async_test]
async fn f_08_an_answer_does_not_say_what_failed() {
    let storage = std::sync::Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = App::builder().sessions::<User>(storage.clone()).mount(routes![page, begin]).open().await;
    let browser = app.browser();
    storage.fail(Operation::Create, Fault::Before);
    let answer = browser.post("/begin").await;
    assert_eq!((answer.code(), answer.cookies.len()), (503, 0));
    assert!(!answer.visible().contains("fault"), "{answer:?}");
    storage.clear();
    browser.post("/begin").await;
    storage.fail(Operation::Load, Fault::Before);
    let answer = browser.get("/").await;
    assert_eq!((answer.code(), answer.cookies.len()), (503, 0));
    assert!(!answer.visible().contains("fault") && !answer.visible().contains("storage"), "{answer:?}");
    storage.clear();
    assert_eq!(browser.get("/").await.body, "page");
}

/// actix-session (Redis): to update a session that expired is no failure of the storage.
#[rocket::async_test]
async fn updating_an_expired_session_is_no_error() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.clock.advance(60 * MINUTE);
    let answer = browser.post("/theme/dark").await;
    assert_eq!((answer.code(), answer.body.as_str()), (401, "401 Some(Missing)"));
}

/// rss: a rotation whose handler fails afterwards still sends the new token, if it was saved.
#[rocket::async_test]
async fn the_token_of_a_saved_rotation_is_sent_with_an_error() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let old = browser.copy();
    assert_eq!((browser.post("/rotate-save-and-fail").await.code(), old.get("/me").await.code()), (500, 401));
    assert_eq!(browser.get("/me").await.code(), 200);
}

/// modo-session: lists show what lives, the one used last first.
#[rocket::async_test]
async fn lists_show_living_sessions_newest_first() {
    let site = Site::open().await;
    let first = site.member(7).await;
    site.clock.advance(30 * MINUTE);
    let second = site.member(7).await;
    let list = |body: &str| body.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
    let newest = second.get("/handle").await.body;
    site.clock.advance(10 * MINUTE);
    let oldest = first.get("/handle").await.body;
    assert_eq!(list(&first.get("/list").await.body), [oldest.clone(), newest.clone()]);
    site.clock.advance(MINUTE);
    second.get("/me").await;
    assert_eq!(list(&second.get("/list").await.body), [newest.clone(), oldest]);
    site.clock.advance(59 * MINUTE);
    second.get("/me").await;
    site.clock.advance(MINUTE);
    assert_eq!(list(&second.get("/list").await.body), [newest]);
}

/// modo-session: a list shows where a session was used from; another address or browser does not end it.
#[rocket::async_test]
async fn a_list_shows_the_address_and_the_browser() {
    let site = Site::open().await;
    let browser = site.browser();
    let agent = "x".repeat(300);
    let headers = [("X-Real-IP", "192.0.2.7"), ("User-Agent", agent.as_str())];
    browser.send(Method::Post, "/login/7/member", &headers).await;
    let answer = browser.send(Method::Get, "/list", &[("X-Real-IP", "192.0.2.8"), ("User-Agent", "other")]).await;
    assert!(answer.body.contains("192.0.2.7") && answer.body.contains(&"x".repeat(256)), "{}", answer.body);
    assert!(!answer.body.contains(&"x".repeat(257)));
}

/// rustango: what leaves the data as it is, or removes what is not there, is no change.
#[rocket::async_test]
async fn an_edit_without_effect_writes_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.storage.clear();
    for page in ["/nothing", "/theme/light", "/unmark/none", "/cart/9/0", "/visits/0", "/nickname/nick"] {
        let answer = browser.post(page).await;
        assert_eq!((answer.code(), answer.cookies.len()), (200, 0), "{page}");
    }
    assert!(site.storage.calls().iter().all(|call| call.operation == Operation::Load));
}

/// rustango: a touch does not revive what was ended; here while the touch is on its way.
#[rocket::async_test]
async fn a_touch_does_not_revive_a_session() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let copy = browser.copy();
    site.clock.advance(30 * MINUTE);
    let parked = site.parking().park(Operation::Touch, rocket_typed_session::testing::When::Before);
    let reading = copy.get("/me");
    let ending = async {
        parked.reached().await;
        site.sessions::<User>().end_all(&7).await.unwrap();
        parked.release();
    };
    let (answer, ()) = rocket::futures::future::join(reading, ending).await;
    assert_eq!((answer.code(), answer.cookies.len()), (200, 0), "what was read is read");
    assert_eq!(browser.get("/me").await.code(), 401);
}

/// A session with free keys.
#[derive(Clone, Default, Session)]
struct Bag(BTreeMap<String, u32>);

#[post("/<key>")]
fn put(mut bag: BagMut<'_>, key: String) -> Result<(), SessionError> {
    bag.insert(key, 1)
}

#[rocket::delete("/<key>")]
fn take(mut bag: BagMut<'_>, key: &str) {
    bag.remove(key);
}

#[get("/count")]
fn count(session: Session<'_, Bag>) -> String {
    session.get().map_or("none".into(), |bag| bag.0.len().to_string())
}

/// tower-sessions: a missing key is none; decided otherwise, the session outlives its last key.
#[rocket::async_test]
async fn an_emptied_bag_is_a_session_still() {
    let storage = std::sync::Arc::new(SpyStorage::new(MemoryStorage::new()));
    let app = App::builder().sessions::<Bag>(storage.clone()).mount(routes![put, take, count]).open().await;
    let browser = app.browser();
    assert_eq!(browser.send(Method::Delete, "/none", &[]).await.cookies.len(), 0);
    assert_eq!((browser.get("/count").await.body.as_str(), storage.calls().len()), ("none", 0));
    browser.post("/a").await;
    assert_eq!(browser.send(Method::Delete, "/a", &[]).await.cookies.len(), 0);
    assert_eq!(browser.get("/count").await.body, "0");
}
