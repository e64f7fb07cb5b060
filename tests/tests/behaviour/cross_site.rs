//! Requests of other origins.

use std::io::{Read, Write};
use std::net::TcpStream;

use rocket::http::{ContentType, Header, Method, Status};
use rocket::tokio;
use rocket::{Request, catch, catchers, delete, get, post, routes};
use rocket_typed_session::{EventKind, GuardError, RefusedCookie, Sessions};
use rocket_typed_session_tests::{Answer, App, AppBuilder, Browser, Guest, Site, User, figment, place, serve};

const EVIL: (&str, &str) = ("Origin", "https://evil.example");
const CROSS_SITE: (&str, &str) = ("Sec-Fetch-Site", "cross-site");
const REFUSED: EventKind = EventKind::Refused(RefusedCookie::CrossSite);

/// A route that uses no session.
#[post("/order")]
fn order() -> &'static str {
    "ordered"
}

#[delete("/order")]
fn cancel() -> &'static str {
    "cancelled"
}

#[get("/order")]
fn look() -> &'static str {
    "an order"
}

#[catch(403)]
fn refused(request: &Request<'_>) -> String {
    format!("{} is refused: {:?}", request.uri(), GuardError::of(request))
}

#[catch(403)]
fn refused_api(request: &Request<'_>) -> String {
    format!("api: {:?}", GuardError::of(request))
}

fn app() -> AppBuilder {
    App::builder()
        .sessions::<User>(place::storage())
        .sessions::<Guest>(place::storage())
        .mount(routes![order, cancel, look])
        .register(catchers![refused])
}

/// Returns a browser with something in the place of its session cookie.
fn browser(app: &App) -> Browser<'_> {
    let browser = app.browser();
    browser.set_cookie("__Host-session", "whatever");
    browser
}

async fn sent(app: &App, method: Method, headers: &[(&str, &str)]) -> Answer {
    browser(app).send(method, "/order", headers).await
}

#[rocket::async_test]
async fn s_01_a_forged_request_reaches_no_handler_and_no_storage() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.events();
    for site_of_origin in ["cross-site", "same-site"] {
        site.storage.clear();
        let answer = browser.send(Method::Post, "/theme/forged", &[("Sec-Fetch-Site", site_of_origin), EVIL]).await;
        assert_eq!((answer.code(), answer.cookies.len()), (403, 0));
        assert!(site.storage.calls().is_empty());
        assert_eq!(site.event_kinds(), [REFUSED]);
    }
    let answer = browser.send(Method::Post, "/logout", &[EVIL, ("Host", "example.com")]).await;
    assert_eq!(answer.code(), 403);
    assert_eq!(browser.get("/owned").await.body, "light");
}

#[rocket::async_test]
async fn the_applications_own_pages_and_programs_pass() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let own = [("Host", "example.com"), ("Origin", "https://example.com")];
    for headers in [&[("Sec-Fetch-Site", "same-origin")][..], &[("Sec-Fetch-Site", "none")], &own, &[]] {
        assert_eq!(browser.send(Method::Post, "/visit", headers).await.code(), 200, "{headers:?}");
    }
}

#[rocket::async_test]
async fn every_method_that_may_change_something_is_refused() {
    let app = app().open().await;
    for method in [Method::Post, Method::Put, Method::Delete, Method::Patch, Method::Connect] {
        let answer = sent(&app, method, &[CROSS_SITE]).await;
        assert_eq!((answer.code(), &*answer.body), (403, "/order is refused: Some(CrossSite)"), "{method}");
    }
    for (method, code) in [(Method::Get, 200), (Method::Head, 200), (Method::Options, 404), (Method::Trace, 404)] {
        assert_eq!(sent(&app, method, &[CROSS_SITE, EVIL]).await.code(), code, "{method}");
    }
}

/// A route without sessions, too: whose request it is may be known to it by other means than a guard.
#[rocket::async_test]
async fn only_what_carries_a_session_cookie_is_refused() {
    let app = app().open().await;
    assert_eq!(sent(&app, Method::Post, &[CROSS_SITE]).await.code(), 403);
    let visitor = app.browser();
    visitor.set_cookie("theme", "dark");
    visitor.set_cookie("__Host-session_old", "whatever");
    assert_eq!(visitor.send(Method::Post, "/order", &[CROSS_SITE, EVIL]).await.body, "ordered");
}

#[rocket::async_test]
async fn the_cookies_of_rockets_local_client_count() {
    let app = app().open().await;
    let request = app.client().post("/order").cookie(("__Host-session", "x"));
    let answer = request.header(Header::new("Sec-Fetch-Site", "cross-site")).dispatch().await;
    assert_eq!(answer.status(), Status::Forbidden);
}

/// Rocket reads the method from the field `_method` of a form.
#[rocket::async_test]
async fn the_method_that_counts_is_the_one_that_is_routed() {
    let app = app().open().await;
    let form = async |body: &'static str| {
        let request =
            app.client().post("/order").header(ContentType::Form).header(Header::new("Cookie", "__Host-session=x"));
        let request = request.header(Header::new("Sec-Fetch-Site", "cross-site"));
        request.body(body).dispatch().await.into_string().await.unwrap()
    };
    assert!(form("_method=delete").await.contains("CrossSite"));
    assert!(form("_method=post").await.contains("CrossSite"));
    assert_eq!(form("_method=get").await, "an order");
}

/// Else any page could talk over the connection as its visitor: cross-site `WebSocket` hijacking.
#[rocket::async_test]
async fn an_upgrade_is_refused_as_a_change_is() {
    let app = app().open().await;
    let upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Host", "example.com")];
    let with = |header| [&upgrade[..], &[header]].concat();
    assert_eq!(sent(&app, Method::Get, &with(EVIL)).await.code(), 403);
    assert_eq!(sent(&app, Method::Get, &with(CROSS_SITE)).await.code(), 403);
    assert_eq!(sent(&app, Method::Get, &with(("Origin", "https://example.com"))).await.code(), 200);
    assert_eq!(sent(&app, Method::Get, &upgrade).await.code(), 200);
}

#[rocket::async_test]
async fn the_catcher_for_the_path_answers() {
    let app = app();
    let rocket = app.register_at("/order", catchers![refused_api]).open().await;
    let browser = browser(&rocket);
    assert_eq!(browser.send(Method::Post, "/order", &[CROSS_SITE]).await.body, "api: Some(CrossSite)");
    assert_eq!(
        browser.send(Method::Post, "/nowhere", &[CROSS_SITE]).await.body,
        "/nowhere is refused: Some(CrossSite)"
    );
}

#[rocket::async_test]
async fn a_request_with_the_cookies_of_two_types_is_refused_once() {
    let app = app().open().await;
    let routes = app.client().rocket().routes().filter(|route| route.method == Method::Connect);
    assert_eq!(routes.count(), 1);
    let browser = browser(&app);
    browser.set_cookie("__Host-guest", "whatever");
    assert_eq!(browser.send(Method::Post, "/order", &[CROSS_SITE]).await.code(), 403);
    let events = app.events();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].session, &events[0].kind), ("session", &REFUSED));

    let guest = app.browser();
    guest.set_cookie("__Host-guest", "whatever");
    assert_eq!(guest.send(Method::Post, "/order", &[CROSS_SITE]).await.code(), 403);
    assert_eq!(app.events()[0].session, "guest");
}

#[rocket::async_test]
async fn a_connect_request_of_its_own_is_not_found_as_before() {
    let app = app().open().await;
    assert_eq!(sent(&app, Method::Connect, &[]).await.code(), 404);
}

#[rocket::async_test]
async fn trusted_origins_and_exempt_paths_are_configuration() {
    let trusting = App::builder().config(|config| config.cross_site.trusted = vec!["https://evil.example".into()]);
    let exempting = App::builder().config(|config| config.cross_site.exempt = vec!["/order".into()]);
    let allowing = App::builder().config(|config| config.cross_site.insecure_allow = true);
    for builder in [trusting, exempting, allowing] {
        let app = builder.sessions::<User>(place::storage()).mount(routes![order]).open().await;
        assert_eq!(sent(&app, Method::Post, &[CROSS_SITE, EVIL]).await.code(), 200);
        assert!(app.events().is_empty());
    }
}

#[rocket::async_test]
async fn s_01_what_is_neither_trusted_nor_exempt_is_refused_still() {
    let trusting = App::builder().config(|config| config.cross_site.trusted = vec!["https://good.example".into()]);
    let exempting = App::builder().config(|config| config.cross_site.exempt = vec!["/orders".into()]);
    for builder in [trusting, exempting] {
        let app = builder.sessions::<User>(place::storage()).mount(routes![order]).open().await;
        assert_eq!(sent(&app, Method::Post, &[CROSS_SITE, EVIL]).await.code(), 403);
        assert_eq!(app.events().len(), 1);
    }
}

/// What hyper makes of a request, and not the local client.
#[rocket::async_test]
async fn the_host_of_a_real_request_is_compared() {
    let sessions = Sessions::<User>::builder().storage(place::storage());
    let (port, shutdown) = serve(rocket::custom(figment()).attach(sessions).mount("/", routes![order])).await;
    let own = format!("Origin: http://localhost:{port}\r\n");
    let other = format!("Origin: http://localhost:{}\r\n", port - 1);
    for (headers, status) in [
        (&*own, "200"),
        (&*other, "403"),
        ("Origin: null\r\n", "403"),
        ("Sec-Fetch-Site: same-site\r\n", "403"),
        ("Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", "200"),
        ("", "200"),
    ] {
        let headers = headers.to_owned();
        let answer = tokio::task::spawn_blocking(move || raw(port, &headers)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
    }
    shutdown.notify();
}

fn raw(port: u16, headers: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST /order HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\
         Cookie: __Host-session=x\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Else a foreign page could sign its visitor in as somebody that the page knows: login cross-site request forgery.
/// The browser has no cookie yet, or keeps it back.
#[rocket::async_test]
async fn a_foreign_page_signs_nobody_in() {
    let site = Site::open().await;
    for page in ["/login/7/member", "/hard/start-save-edit/7"] {
        let answer = site.browser().send(Method::Post, page, &[CROSS_SITE, EVIL]).await;
        assert_eq!((answer.code(), answer.cookies.len()), (403, 0), "{page}");
        assert!(site.storage.calls().is_empty());
        assert_eq!(site.event_kinds(), [REFUSED]);
    }
    let answer = site.browser().send(Method::Post, "/guest/account/7", &[CROSS_SITE, EVIL]).await;
    assert_eq!((answer.code(), answer.cookies.len()), (403, 0), "whose session it is may be set by an edit");
    assert!(site.guests.calls().is_empty());
    for headers in [&[("Sec-Fetch-Site", "same-origin")][..], &[("Sec-Fetch-Site", "none")], &[]] {
        assert_eq!(site.browser().send(Method::Post, "/login/7/member", headers).await.cookies.len(), 1);
    }
}

#[rocket::async_test]
async fn where_other_origins_may_act_they_sign_in() {
    let exempt = Site::builder().config(|config| config.cross_site.exempt = vec!["/login".into()]);
    let trusted = Site::builder().config(|config| config.cross_site.trusted = vec![EVIL.1.into()]);
    let all = Site::builder().config(|config| config.cross_site.insecure_allow = true);
    for site in [exempt, trusted, all] {
        let site = site.open().await;
        let answer = site.browser().send(Method::Post, "/login/7/member", &[CROSS_SITE, EVIL]).await;
        assert_eq!((answer.code(), answer.cookies.len()), (200, 1));
    }
}

/// It is nobody's, and signing in gives it another token.
#[rocket::async_test]
async fn a_visit_from_a_foreign_page_begins_a_session() {
    let site = Site::open().await;
    let visit = site.browser().send(Method::Post, "/guest/hit", &[CROSS_SITE, EVIL]).await;
    assert_eq!((visit.code(), visit.cookies.len()), (200, 1));
}

/// A browser keeps no `Secure` cookie of such a host, and says by `Origin` alone where a request comes from.
#[rocket::async_test]
async fn plain_http_on_another_host_needs_a_cookie_that_is_not_secure() {
    let own = [("Host", "192.0.2.1:8000"), ("Origin", "http://192.0.2.1:8000")];
    let site = Site::open().await;
    assert_eq!(site.browser().send(Method::Post, "/login/7/member", &own).await.code(), 403);

    let insecure = Site::builder().users(|config| {
        config.cookie.name = Some("sid".into());
        config.cookie.secure = false;
    });
    let site = insecure.open().await;
    let browser = site.browser();
    let answer = browser.send(Method::Post, "/login/7/member", &own).await;
    assert_eq!(answer.code(), 200);
    assert!(!answer.set_cookie("sid").unwrap().has("Secure"));
    assert_eq!(browser.send(Method::Post, "/theme/dark", &own).await.code(), 200);
    assert_eq!(browser.send(Method::Post, "/theme/forged", &[own[0], EVIL]).await.code(), 403);
    assert_eq!(browser.get("/owned").await.body, "dark");
}
