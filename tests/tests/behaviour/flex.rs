//! What the tests of `rocket_flex_session` show of that library, shown of this one, in their order.
//!
//! The behaviours are numbered as its test files show them: `basic` 1 to 10, `expiration` 11, `session_data` 12 to 14,
//! `request_guard` 15 to 19, `session_indexed` 20 to 27, `storages_basic` 28, `storages_indexed` 29 to 33. 12 is of the
//! storage `cookie`, in `cookie_storage/room.rs`; 28 to 33 are shown on each storage, in `every_storage/flex.rs`. The
//! cookie is sealed here, so it equals no readable id.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rocket::http::Method;
use rocket::{get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Session, SessionError};
use rocket_typed_session_tests::{App, Site, User};

const COOKIE: &str = "__Host-session";

/// A session with free keys.
#[derive(Clone, Default, Session)]
#[session(name = "bag")]
struct Bag(BTreeMap<String, String>);

/// Somebody who must be an admin for some pages; there is no other route to forward to.
#[derive(Clone, Session)]
#[session(required, guard(Chief, role = "admin", otherwise = forward))]
struct Account {
    #[session(identifier)]
    id: i64,
    #[session(role)]
    role: String,
}

#[get("/bag/<key>")]
fn value(bag: &Bag, key: &str) -> Option<String> {
    bag.0.get(key).cloned()
}

#[post("/bag/<key>/<value>")]
fn put(mut bag: BagMut<'_>, key: String, value: String) -> Result<(), SessionError> {
    bag.insert(key, value)
}

#[rocket::delete("/bag/<key>")]
fn remove(mut bag: BagMut<'_>, key: &str) {
    bag.remove(key);
}

#[post("/account/<id>/<role>")]
fn sign_in(session: Session<'_, Account>, id: i64, role: String) {
    session.start(Account { id, role });
}

#[post("/account/end")]
fn sign_out(session: Session<'_, Account>) {
    session.end();
}

#[get("/account")]
fn account(account: &Account) -> String {
    format!("{} {}", account.id, account.role)
}

#[get("/chief")]
fn chief(chief: Chief<'_>) -> String {
    chief.role.clone()
}

async fn app() -> App {
    App::builder()
        .sessions::<Account>(MemoryStorage::new())
        .sessions::<Bag>(MemoryStorage::new())
        .mount(routes![value, put, remove, sign_in, sign_out, account, chief])
        .open()
        .await
}

/// Behaviour 1.
#[rocket::async_test]
async fn without_a_cookie_the_guard_succeeds_and_is_empty() {
    let site = Site::open().await;
    let answer = site.browser().get("/session").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "nobody"));
}

/// Behaviours 2 and 3.
#[rocket::async_test]
async fn set_creates_a_session_that_the_next_request_reads() {
    let site = Site::open().await;
    let browser = site.browser();
    let answer = browser.post("/set/7").await;
    assert_eq!(answer.set_cookie(COOKIE).unwrap().value, browser.token());
    assert_ne!(browser.get("/handle").await.body, browser.token(), "the public name is no credential");
    assert!(browser.get("/me").await.body.starts_with("7 Member set en nick 0"));
}

/// Behaviour 4, decided otherwise: setting an identified session is a change of privilege and gives a new token; the
/// session and its name stay. Fields are changed without a cookie.
#[rocket::async_test]
async fn set_again_keeps_the_session_and_edits_send_no_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let name = browser.get("/handle").await.body;
    assert_eq!(browser.post("/set/7").await.cookies.len(), 1);
    assert_eq!(browser.get("/handle").await.body, name);
    assert!(browser.post("/theme/dark").await.cookies.is_empty());
    assert_eq!((browser.get("/handle").await.body, browser.get("/owned").await.body), (name, "dark".into()));
}

/// Behaviour 5.
#[rocket::async_test]
async fn after_delete_there_is_no_session() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/logout").await;
    assert_eq!(browser.get("/session").await.body, "nobody");
}

/// Behaviour 6.
#[rocket::async_test]
async fn updates_persist_and_send_no_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for theme in ["dark", "blue"] {
        assert!(browser.post(&format!("/update/{theme}")).await.cookies.is_empty());
        assert_eq!(browser.get("/owned").await.body, theme);
    }
    assert!(browser.get("/me").await.body.starts_with("7 Member blue en nick 2 {99: 1}"));
}

/// Behaviour 7: there is no option to take to `None`; an update and an end in one request end the session.
#[rocket::async_test]
async fn an_update_that_ends_deletes_the_session() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let copy = browser.copy();
    assert_eq!(browser.post("/taken-away/dark").await.cookies.len(), 1);
    assert_eq!(
        (browser.get("/session").await.body, copy.get("/session").await.body),
        ("nobody".into(), "nobody".into())
    );
}

/// Behaviour 8, on memory.
#[rocket::async_test]
async fn the_first_key_of_a_bag_sends_the_cookie_and_the_second_does_not() {
    let app = app().await;
    let browser = app.browser();
    assert_eq!(browser.get("/bag/a").await.code(), 404);
    assert_eq!(browser.post("/bag/a/1").await.cookies.len(), 1);
    assert!(browser.post("/bag/b/2").await.cookies.is_empty());
    assert_eq!((browser.get("/bag/a").await.body, browser.get("/bag/b").await.body), ("1".into(), "2".into()));
    assert_eq!(browser.get("/bag/missing").await.code(), 404);
    browser.send(Method::Delete, "/bag/a", &[]).await;
    assert_eq!((browser.get("/bag/a").await.code(), browser.get("/bag/b").await.body), (404, "2".into()));
}

/// Behaviour 9.
#[rocket::async_test]
async fn a_session_survives_many_reads() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for _ in 0..10 {
        let answer = browser.get("/owned").await;
        assert_eq!((answer.code(), answer.body.as_str(), answer.cookies.len()), (200, "light", 0));
    }
}

/// Behaviour 10.
#[rocket::async_test]
async fn two_session_types_live_beside_each_other() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/guest/hit").await;
    browser.post("/both/dark").await;
    assert_eq!(
        (browser.get("/owned").await.body, browser.get("/guest").await.body),
        ("dark".into(), "None 1 dark".into())
    );
    browser.post("/logout").await;
    assert_eq!(browser.get("/guest").await.body, "None 1 dark");
    assert_eq!((site.storage.calls().is_empty(), site.guests.calls().is_empty()), (false, false));
}

/// Behaviour 11: a forged `Max-Age` changes nothing, for a browser sends none.
#[rocket::async_test]
async fn a_lifetime_of_a_second_ends_after_a_second() {
    let site = Site::open().await;
    let browser = site.browser();
    let answer = browser.post("/remember/7/1").await;
    assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(1));
    assert_eq!(browser.get("/me").await.code(), 200);
    site.clock.advance(Duration::from_millis(500));
    assert_eq!(browser.get("/me").await.code(), 200);
    let forged = format!("{COOKIE}={}; Max-Age=9999; Expires=Fri, 31 Dec 2100 23:59:59 GMT", browser.token());
    site.clock.advance(Duration::from_millis(500));
    assert_eq!(site.browser().send(Method::Get, "/me", &[("Cookie", &forged)]).await.code(), 401);
    assert_eq!(browser.get("/session").await.body, "nobody");
}

/// Behaviours 13 and 14.
#[rocket::async_test]
async fn a_cookie_that_is_none_of_ours_is_an_empty_session() {
    let (site, elsewhere) = (Site::open().await, Site::builder().rocket("secret_key", [7_u8; 32]).open().await);
    let sealed = elsewhere.member(7).await.token();
    for value in ["garbage", "{\"id\":7}", "bm9uc2Vuc2U", &sealed] {
        let browser = site.browser();
        browser.set_cookie(COOKIE, value);
        let answer = browser.get("/session").await;
        assert_eq!((answer.code(), answer.body.as_str()), (200, "nobody"));
    }
}

/// Behaviours 15, 16 and 17.
#[rocket::async_test]
async fn guards_ask_for_a_session_and_a_role() {
    let app = app().await;
    let browser = app.browser();
    assert_eq!(browser.get("/account").await.code(), 401);
    browser.post("/account/7/admin").await;
    assert_eq!(
        (browser.get("/account").await.body, browser.get("/chief").await.body),
        ("7 admin".into(), "admin".into())
    );
    assert_eq!(browser.post("/account/end").await.code(), 200);
    assert_eq!((browser.get("/account").await.code(), browser.get("/chief").await.code()), (401, 401));
}

/// Behaviour 18: forwarded to no other route, the status stays; with another route, that one answers.
#[rocket::async_test]
async fn a_forwarding_guard_forwards_with_403() {
    let app = app().await;
    let browser = app.browser();
    browser.post("/account/7/member").await;
    assert_eq!(browser.get("/chief").await.code(), 403);
    let site = Site::open().await;
    let answer = site.member(7).await.get("/perhaps").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "somebody"));
    assert_eq!(site.browser().get("/perhaps").await.body, "somebody", "nor is nobody an admin");
}

/// Behaviour 19.
#[rocket::async_test]
async fn a_bag_and_a_struct_are_attached_together() {
    let app = app().await;
    let browser = app.browser();
    browser.post("/bag/colour/red").await;
    browser.post("/account/7/member").await;
    assert_eq!(
        (browser.get("/bag/colour").await.body, browser.get("/account").await.body),
        ("red".into(), "7 member".into())
    );
    browser.post("/account/end").await;
    assert_eq!((browser.get("/bag/colour").await.body, browser.get("/account").await.code()), ("red".into(), 401));
}

/// Behaviours 20, 21 and 23.
#[rocket::async_test]
async fn a_user_lists_the_own_sessions() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.get("/list").await;
    assert_eq!((answer.code(), answer.body.lines().count()), (200, 1));
    assert!(answer.body.starts_with(&format!("{} true light", browser.get("/handle").await.body)));
    assert_eq!(browser.get("/me").await.code(), 200);
}

/// Behaviours 22 and 23.
#[rocket::async_test]
async fn sessions_are_listed_by_an_explicit_identifier() {
    let site = Site::open().await;
    let (first, second, _other) = (site.member(7).await, site.member(7).await, site.member(8).await);
    let entries = site.sessions::<User>().list(&7).await.unwrap();
    let mut handles: Vec<String> = entries.iter().map(|entry| entry.handle.to_string()).collect();
    let mut own = vec![first.get("/handle").await.body, second.get("/handle").await.body];
    handles.sort();
    own.sort();
    assert_eq!(handles, own);
    assert!(entries.iter().all(|entry| entry.data.id == 7 && !entry.current));
    assert!(site.sessions::<User>().list(&9).await.unwrap().is_empty());
}

/// Behaviour 24.
#[rocket::async_test]
async fn ending_all_reports_one_and_the_session_is_gone() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let copy = browser.copy();
    let answer = browser.post("/end-all").await;
    assert_eq!(answer.body, "Some(1)");
    assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(0));
    assert_eq!(copy.get("/session").await.body, "nobody");
}

/// Behaviour 25.
#[rocket::async_test]
async fn ending_the_others_of_three_reports_two() {
    let site = Site::open().await;
    let (first, _second, third) = (site.member(7).await, site.member(7).await, site.member(7).await);
    assert_eq!(third.post("/end-others").await.body, "Some(2)");
    assert_eq!((third.get("/me").await.code(), first.get("/me").await.code()), (200, 401));
}

/// Behaviour 26.
#[rocket::async_test]
async fn ending_those_of_another_identifier_reports_one() {
    let storage = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(storage.clone()).open().await;
    let (first, second) = (site.member(7).await, site.member(8).await);
    assert_eq!(site.sessions::<User>().end_all(&8).await.unwrap(), 1);
    assert_eq!((first.get("/me").await.code(), second.get("/me").await.code()), (200, 401));
    assert_eq!(storage.len(), 1);
}

/// Behaviour 27.
#[rocket::async_test]
async fn without_a_session_the_index_answers_none() {
    let site = Site::open().await;
    let browser = site.browser();
    assert_eq!(browser.get("/list").await.body, "none");
    assert_eq!(
        (browser.post("/end-others").await.body, browser.post("/end-all").await.body),
        ("None".into(), "None".into())
    );
}
