//! What a request costs its storage, and what a response says of it.

use std::time::Duration;

use rocket::http::Method;
use rocket::local::asynchronous::Client;
use rocket::tokio::join;
use rocket_typed_session::testing::{Operation, SpyStorage, When};
use rocket_typed_session::{Config, EventKind, Session, Sessions};
use rocket_typed_session_tests::{App, Browser, Guest, Site, User, figment};

use Operation::{Commit, Create, Delete, DeleteAll, DeleteHandle, List, Load, Rotate, Touch};

const HOUR: Duration = Duration::from_hours(1);

fn operations<S: rocket_typed_session::storage::SessionStorage>(spy: &SpyStorage<S>) -> Vec<Operation> {
    spy.calls().into_iter().map(|call| call.operation).collect()
}

/// Returns what a request asked of the storage.
async fn asked(site: &Site, browser: &Browser<'_>, method: Method, path: &str) -> Vec<Operation> {
    site.storage.clear();
    let answer = browser.send(method, path, &[]).await;
    assert!(answer.code() < 400, "{path}: {answer:?}");
    operations(&site.storage)
}

async fn got(site: &Site, browser: &Browser<'_>, path: &str) -> Vec<Operation> {
    asked(site, browser, Method::Get, path).await
}

async fn posted(site: &Site, browser: &Browser<'_>, path: &str) -> Vec<Operation> {
    asked(site, browser, Method::Post, path).await
}

#[rocket::async_test]
async fn all_guards_of_a_request_share_one_load_and_one_commit() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    assert_eq!(got(&site, &browser, "/hard/crowd").await, [Load]);
    assert_eq!(posted(&site, &browser, "/hard/crowd/dark").await, [Load, Commit]);
    assert_eq!(posted(&site, &browser, "/two-handles").await, [Load, Commit]);
    assert!(browser.get("/me").await.body.starts_with("7 Admin first second nick 6"));
}

#[rocket::async_test]
async fn guards_that_run_at_once_load_once() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    site.storage.clear();
    let parked = site.parking().park(Load, When::Before);
    let (answer, ()) = join!(browser.get("/hard/crowd"), async {
        parked.reached().await;
        parked.release();
    });
    assert_eq!(answer.body, "true true true true true | true true true true");
    assert_eq!(operations(&site.storage), [Load]);
}

#[rocket::async_test]
async fn guards_that_run_at_once_without_a_session_do_not_ask() {
    let site = Site::open().await;
    let browser = site.browser();
    assert_eq!(got(&site, &browser, "/hard/crowd").await, []);
    assert_eq!(browser.get("/hard/crowd").await.body, "false false false false false | false false false false");
}

#[rocket::async_test]
async fn what_uses_no_session_costs_nothing_and_says_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/guest/hit").await;
    site.storage.clear();
    site.guests.clear();
    site.events();
    for (method, path) in [
        (Method::Get, "/public"),
        (Method::Head, "/public"),
        (Method::Get, "/nowhere"),
        (Method::Post, "/nowhere"),
        (Method::Head, "/nowhere"),
    ] {
        let answer = browser.send(method, path, &[]).await;
        assert_eq!((answer.header("Vary"), answer.header("Cache-Control")), (None, None), "{method} {path}");
        assert!(answer.cookies.is_empty());
    }
    assert!(site.storage.calls().is_empty() && site.guests.calls().is_empty());
    assert!(site.events().is_empty());
}

#[rocket::async_test]
async fn a_bad_cookie_is_no_event_where_no_session_is_used() {
    let site = Site::open().await;
    let browser = site.browser();
    browser.set_cookie("__Host-session", "forged");
    for method in [Method::Get, Method::Head] {
        browser.send(method, "/public", &[]).await;
    }
    assert!(site.events().is_empty());
}

#[rocket::async_test]
async fn a_mere_visit_stores_nothing_and_sets_nothing() {
    let site = Site::open().await;
    let browser = site.browser();
    for path in ["/guest", "/guest/session", "/session", "/me", "/maybe", "/why", "/list", "/times", "/hard/crowd"] {
        for method in [Method::Get, Method::Head] {
            let answer = browser.send(method, path, &[]).await;
            assert!(answer.cookies.is_empty(), "{path}");
            assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"), "{path}");
            assert_eq!(answer.header("Cache-Control"), None, "{path}");
        }
    }
    for path in ["/logout", "/guest/end", "/rotate", "/authenticate", "/end-all", "/end-others"] {
        assert!(browser.post(path).await.cookies.is_empty(), "{path}");
    }
    assert!(site.storage.calls().is_empty() && site.guests.calls().is_empty());
}

#[rocket::async_test]
async fn every_use_has_its_round_trips_and_no_more() {
    let site = Site::open().await;
    let browser = site.browser();
    assert_eq!(posted(&site, &browser, "/login/7/member").await, [Create]);
    assert_eq!(got(&site, &browser, "/public").await, []);
    assert_eq!(got(&site, &browser, "/me").await, [Load]);
    assert_eq!(posted(&site, &browser, "/theme/dark").await, [Load, Commit]);
    assert_eq!(posted(&site, &browser, "/update/blue").await, [Load, Commit]);
    assert_eq!(posted(&site, &browser, "/rotate").await, [Load, Rotate]);
    assert_eq!(posted(&site, &browser, "/role/admin").await, [Load, Rotate]);
    assert_eq!(posted(&site, &browser, "/identify/8").await, [Load, Rotate]);
    assert_eq!(posted(&site, &browser, "/login/7/member").await, [Load, Rotate]);
    assert_eq!(posted(&site, &browser, "/restart/7").await, [Load, Rotate]);
    assert_eq!(got(&site, &browser, "/list").await, [Load, List]);
    assert_eq!(posted(&site, &browser, "/end-others").await, [Load, DeleteAll]);
    let other = site.member(7).await.get("/handle").await.body;
    assert_eq!(posted(&site, &browser, &format!("/end/{other}")).await, [Load, DeleteHandle]);
    assert_eq!(posted(&site, &browser, "/logout").await, [Load, Delete]);
    site.member(7).await;
    let browser = site.member(7).await;
    assert_eq!(posted(&site, &browser, "/end-all").await, [Load, DeleteAll]);
    let browser = site.member(7).await;
    assert_eq!(posted(&site, &browser, "/end-all-and-edit").await, [Load, DeleteAll]);
    let browser = site.member(7).await;
    assert_eq!(posted(&site, &browser, "/all-at-once").await, [Load, Delete]);
    let browser = site.member(7).await;
    let own = browser.get("/handle").await.body;
    assert_eq!(posted(&site, &browser, &format!("/end/{own}")).await, [Load, DeleteHandle]);
}

#[rocket::async_test]
async fn a_foreign_handle_is_not_even_asked_for() {
    let site = Site::open().await;
    let foreign = site.member(8).await.get("/handle").await.body;
    let browser = site.member(7).await;
    assert_eq!(posted(&site, &browser, &format!("/end/{foreign}")).await, [Load]);
}

#[rocket::async_test]
async fn a_use_is_written_at_most_once_in_a_tenth_of_idle() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.storage.clear();
    for _ in 0..600 {
        site.clock.advance(Duration::from_secs(6));
        browser.get("/me").await;
    }
    assert_eq!((site.storage.count(Load), site.storage.count(Touch)), (600, 10));
    site.storage.clear();
    site.clock.advance(HOUR / 10);
    browser.post("/theme/dark").await;
    browser.get("/me").await;
    assert_eq!(operations(&site.storage), [Load, Commit, Load]);
}

#[rocket::async_test]
async fn a_use_rides_in_what_is_written_anyway() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for path in ["/theme/dark", "/rotate", "/visit"] {
        site.clock.advance(HOUR / 2);
        browser.post(path).await;
    }
    site.clock.advance(Duration::from_millis(3_599_999));
    assert_eq!(browser.get("/me").await.code(), 200);
}

#[rocket::async_test]
async fn an_answer_that_depends_on_the_cookie_says_so() {
    let site = Site::open().await;
    let browser = site.browser();
    let login = browser.post("/login/7/member").await;
    assert_eq!(login.header("Vary").as_deref(), Some("Cookie"));
    assert_eq!(login.header("Cache-Control").as_deref(), Some("no-store"));
    let read = browser.get("/me").await;
    assert_eq!((read.header("Vary").as_deref(), read.header("Cache-Control")), (Some("Cookie"), None));
    let edit = browser.post("/theme/dark").await;
    assert_eq!((edit.header("Vary").as_deref(), edit.header("Cache-Control")), (Some("Cookie"), None));
    let logout = browser.post("/logout").await;
    assert_eq!(logout.header("Vary").as_deref(), Some("Cookie"));
    assert_eq!(logout.header("Cache-Control").as_deref(), Some("no-store"));
    let refused = browser.get("/me").await;
    assert_eq!((refused.code(), refused.header("Vary").as_deref()), (401, Some("Cookie")));
}

#[rocket::async_test]
async fn what_an_answer_says_of_caches_is_kept() {
    let site = Site::open().await;
    let browser = site.browser();
    let answer = browser.post("/hard/cached/start?vary=Accept-Encoding&cache=private").await;
    assert_eq!(answer.header("Vary").as_deref(), Some("Accept-Encoding, Cookie"));
    assert_eq!(answer.header("Cache-Control").as_deref(), Some("private, no-store"));
    for (own, said) in [
        ("Cookie", "Cookie"),
        ("cookie", "cookie"),
        ("*", "*"),
        ("Accept,COOKIE", "Accept,COOKIE"),
        ("X-Cookie", "X-Cookie, Cookie"),
    ] {
        let answer = browser.post(&format!("/hard/cached/read?vary={own}&cache=public")).await;
        assert_eq!(answer.header("Vary").as_deref(), Some(said));
        assert_eq!(answer.header("Cache-Control").as_deref(), Some("public"));
    }
    let answer = browser.post("/hard/cached/start?vary=a&cache=no-store,%20private").await;
    assert_eq!(answer.header("Cache-Control").as_deref(), Some("no-store, private"));
}

#[rocket::async_test]
async fn two_types_in_one_request_bring_two_cookies_and_one_of_each_header() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/rotate").await;
    let answer = browser.post("/both/dark").await;
    assert_eq!(answer.cookies.len(), 1);
    assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"));
    assert_eq!(answer.header("Cache-Control").as_deref(), Some("no-store"));
    assert_eq!(browser.get("/guest").await.body, "None 0 dark");
    assert_eq!(browser.get("/owned").await.body, "dark");
}

#[rocket::async_test]
async fn head_reads_edits_and_takes_no_flash() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/notice/hello").await;
    site.events();
    assert_eq!(browser.head("/notice").await.code(), 200);
    assert!(site.events().is_empty(), "what is left untaken is not lost");
    assert_eq!(browser.head("/hard/take-and-edit/dark").await.code(), 200);
    assert_eq!(browser.head("/hard/take-and-save").await.code(), 200);
    assert!(site.events().is_empty());
    let me = browser.get("/me").await.body;
    assert!(me.starts_with("7 Member dark") && me.ends_with("Some(\"hello\")"), "{me}");
    assert_eq!(browser.get("/notice").await.body, "hello");
    assert_eq!(browser.get("/notice").await.body, "none");
}

#[rocket::async_test]
async fn what_one_request_saves_in_parts_adds_up() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(posted(&site, &browser, "/hard/save-twice/dark").await, [Load, Commit, Commit]);
    assert!(browser.get("/me").await.body.starts_with("7 Member dark dark"));
    assert_eq!(posted(&site, &browser, "/save/blue").await, [Load, Commit]);
}

#[rocket::async_test]
async fn a_session_type_is_used_by_hand_where_its_fairing_is_missing() {
    #[rocket::get("/")]
    fn by_hand(request: Owned) -> String {
        request.0
    }

    struct Owned(String);

    #[rocket::async_trait]
    impl<'r> rocket::request::FromRequest<'r> for Owned {
        type Error = ();

        async fn from_request(request: &'r rocket::Request<'_>) -> rocket::request::Outcome<Self, ()> {
            let guest = Session::<'_, Guest>::from_request(request).await;
            let user = <&User>::from_request(request).await;
            let outcomes = (guest.failed(), user.failed());
            rocket::request::Outcome::Success(Self(format!("{outcomes:?}")))
        }
    }

    let app = App::builder().mount(rocket::routes![by_hand]).open().await;
    let answer = app.browser().get("/").await;
    assert_eq!(answer.code(), 200);
    assert_eq!(answer.body.matches("Status { code: 500 }").count(), 2, "{}", answer.body);
    assert!(answer.cookies.is_empty());
}

#[rocket::async_test]
async fn a_listener_that_panics_harms_nobody() {
    #[rocket::post("/")]
    fn start(session: Session<'_, Guest>) -> &'static str {
        session.start(Guest::default());
        "started"
    }

    let sessions = Sessions::<Guest>::builder()
        .config(Config::default())
        .on_event(|event| assert!(event.kind != EventKind::Created, "in a listener"));
    let rocket = rocket::custom(figment()).attach(sessions).mount("/", rocket::routes![start]);
    let client = Client::untracked(rocket).await.unwrap();
    let browser = Browser::new(&client);
    for _ in 0..2 {
        let answer = browser.post("/").await;
        assert_eq!((answer.code(), answer.cookies.len()), (200, 1));
    }
}
