//! The cookie: its attributes, and when it is sent.

use std::time::Duration;

use rocket::http::{Header, Method, SameSite};
use rocket::{Responder, post, routes};
use rocket_typed_session::testing::Operation;
use rocket_typed_session::{EventKind, RefusedCookie, Session};
use rocket_typed_session_tests::{Answer, App, Role, Site, User, place};

const COOKIE: &str = "__Host-session";
const DAY: Duration = Duration::from_hours(24);

fn headers(answer: &Answer) -> (Option<String>, Option<String>) {
    (answer.header("Vary"), answer.header("Cache-Control"))
}

fn pair(vary: &str, cache: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(vary), some(cache))
}

/// C-01, C-02, C-03, L-08 (OWASP ASVS 3.3.1 to 3.3.4, RFC 6265bis 4.1.3.2).
#[rocket::async_test]
async fn c_01_the_cookie_is_host_only_secure_and_closed_to_scripts() {
    let site = Site::open().await;
    let answer = site.browser().post("/login/7/member").await;
    let cookie = answer.set_cookie(COOKIE).unwrap();
    assert!(cookie.has("Secure") && cookie.has("HttpOnly"));
    assert_eq!((cookie.attribute("Path"), cookie.attribute("SameSite")), (Some("/"), Some("Lax")));
    assert!(!["Domain", "Max-Age", "Expires", "Partitioned"].iter().any(|attribute| cookie.has(attribute)));
}

/// C-02: scripts get the cookie only by the name that says what it is.
#[rocket::async_test]
async fn c_02_scripts_may_read_the_cookie_only_if_that_is_called_insecure() {
    let site = Site::builder().config(|config| config.cookie.insecure_script_access = true).open().await;
    let answer = site.browser().post("/login/7/member").await;
    assert!(!answer.set_cookie(COOKIE).unwrap().has("HttpOnly"));
}

/// C-03 (RFC 6265bis 5.7, CHIPS): every `SameSite` is written out, and `Partitioned`.
#[rocket::async_test]
async fn c_03_same_site_is_always_explicit() {
    for same_site in [SameSite::Lax, SameSite::Strict, SameSite::None] {
        let partitioned = same_site == SameSite::None;
        let site = Site::builder().config(|config| config.cookie.same_site = same_site);
        let site = site.config(|config| config.cookie.partitioned = partitioned).open().await;
        let answer = site.browser().post("/login/7/member").await;
        let cookie = answer.set_cookie(COOKIE).unwrap();
        assert_eq!(cookie.attribute("SameSite"), Some(same_site.to_string().as_str()));
        assert_eq!(cookie.has("Partitioned"), partitioned);
    }
}

/// C-04 (RFC 6265bis 4.1.1).
#[rocket::async_test]
async fn c_04_a_response_has_one_cookie_of_a_name_whatever_was_done() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    for (page, removed) in
        [("/all-at-once", true), ("/restart/7", false), ("/rotate-and-edit/dark", false), ("/taken-away/x", true)]
    {
        let browser = site.member(7).await;
        site.clock.advance(Duration::from_mins(10));
        let answer = browser.post(page).await;
        assert_eq!(answer.cookies.len(), 1, "{page}: {:?}", answer.cookies);
        assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age() == Some(0), removed, "{page}");
        assert_eq!(browser.get("/me").await.code(), if removed { 401 } else { 200 }, "{page}");
    }
    let answer = site.browser().post("/login-both/7").await;
    assert_eq!(answer.cookies.len(), 2);
    assert!(answer.set_cookie(COOKIE).is_some() && answer.set_cookie("__Host-guest").is_some());
}

/// C-05 (OWASP ASVS 3.3.5): the cookie holds a token of one length; however much the session holds it fits, with the
/// longest name that a launch accepts.
#[rocket::async_test]
async fn c_05_the_cookie_is_as_long_whatever_the_session_holds() {
    let site = Site::builder().users(|config| config.cookie.name = Some("n".repeat(256))).open().await;
    let browser = site.browser();
    let small = browser.post("/login/7/member").await.cookies[0].len();
    let theme = "x".repeat(5 << 10);
    assert_eq!(browser.post(&format!("/theme/{theme}")).await.code(), 200);
    let answer = browser.post("/rotate").await;
    assert_eq!(answer.cookies[0].len(), small);
    let (pair, _) = answer.cookies[0].split_once(';').unwrap();
    assert!(pair.len() <= 4096);
    assert_eq!(browser.get("/owned").await.body, theme);
}

/// C-06 (RFC 6265bis 5.5).
#[rocket::async_test]
async fn c_06_max_age_is_at_most_400_days() {
    let two_years = DAY * 730;
    let site = Site::builder().config(|config| (config.ttl, config.idle) = (two_years, two_years));
    let site = site.config(|config| config.cookie.persistent = true).open().await;
    let answer = site.browser().post("/login/7/member").await;
    assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(34_560_000));
    let answer = site.browser().post(&format!("/remember/7/{}", two_years.as_secs())).await;
    assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(34_560_000));
}

/// C-06: the cookie does not outlive the session, neither unused nor used.
#[rocket::async_test]
async fn c_06_max_age_is_what_remains_of_the_session() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.browser();
    let age = |answer: Answer| answer.set_cookie(COOKIE).and_then(|cookie| cookie.max_age());
    assert_eq!(age(browser.post("/login/7/member").await), Some(3600));
    for _ in 0..46 {
        site.clock.advance(Duration::from_mins(30));
        assert_eq!(age(browser.get("/me").await), Some(3600));
    }
    site.clock.advance(Duration::from_mins(45));
    assert_eq!(age(browser.get("/me").await), Some(15 * 60));
    assert_eq!(age(browser.post("/rotate").await), Some(15 * 60));
}

/// C-07 (RFC 6265bis 5.7): else the browser keeps it.
#[rocket::async_test]
async fn c_07_the_removal_has_the_attributes_of_the_cookie() {
    let plain = Site::builder();
    let shared = Site::builder().users(|config| {
        config.cookie.name = Some("sid".into());
        config.cookie.domain = Some("example.com".into());
        config.cookie.path = "/app".into();
        (config.cookie.same_site, config.cookie.partitioned) = (SameSite::None, true);
    });
    for (builder, name) in [(plain, COOKIE), (shared, "sid")] {
        let site = builder.open().await;
        let browser = site.browser();
        let set = browser.post("/login/7/member").await.set_cookie(name).unwrap();
        let removed = browser.post("/logout").await.set_cookie(name).unwrap();
        assert_eq!(set.place(), removed.place());
        assert_eq!((removed.value.as_str(), removed.max_age()), ("", Some(0)));
        assert!(removed.attribute("Expires").unwrap().contains("1970"));
        assert_eq!(browser.cookie(name), None);
    }
}

/// C-08 (OWASP ASVS 14.3.2; missing `Vary`: CVE-2023-30861, CVE-2026-27205, CVE-2026-35192).
#[rocket::async_test]
async fn c_08_a_response_that_depends_on_the_session_says_so() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let reading = pair("Cookie", "");
    for page in ["/me", "/session", "/maybe", "/why", "/guest", "/admin", "/perhaps", "/not-modified", "/stream/dark"] {
        assert_eq!(headers(&browser.get(page).await), reading, "{page}");
        assert_eq!(headers(&site.browser().get(page).await), reading, "{page}, anonymous");
    }
    for page in ["/theme/dark", "/visit", "/nothing", "/fail/400/x", "/fail/500/x", "/panic/x"] {
        assert_eq!(headers(&browser.post(page).await), reading, "{page}");
    }
    assert_eq!(browser.get("/not-modified").await.code(), 304);
    assert_eq!(headers(&browser.head("/me").await), reading);
}

/// C-08 (cached `Set-Cookie`: CVE-2023-30861): whatever sets or removes the cookie is not stored by caches.
#[rocket::async_test]
async fn c_08_a_response_that_sets_the_cookie_is_not_stored() {
    let site = Site::open().await;
    let setting = pair("Cookie", "no-store");
    let browser = site.browser();
    let login = browser.post("/login/7/member").await;
    let pages = [
        "/rotate",
        "/authenticate",
        "/role/admin",
        "/ttl/7200",
        "/redirected-login/7",
        "/failed-login/7/404",
        "/logout",
    ];
    assert_eq!(headers(&login), setting);
    for page in pages {
        let answer = browser.post(page).await;
        assert_eq!(answer.cookies.len(), 1, "{page}");
        assert_eq!(headers(&answer), setting, "{page}");
    }
}

/// C-08: a request that does nothing but slide a persistent cookie sets it, too.
#[rocket::async_test]
async fn c_08_a_touch_that_slides_the_cookie_is_not_stored_either() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.member(7).await;
    assert_eq!(headers(&browser.get("/me").await), pair("Cookie", ""));
    site.clock.advance(Duration::from_mins(10));
    let answer = browser.get("/me").await;
    assert_eq!(answer.cookies.len(), 1);
    assert_eq!(headers(&answer), pair("Cookie", "no-store"));
}

/// C-08: a touch of a cookie that ends with the browser needs no cookie.
#[rocket::async_test]
async fn c_08_a_touch_alone_varies_by_the_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.clock.advance(Duration::from_mins(10));
    let answer = browser.get("/me").await;
    assert_eq!(site.storage.count(Operation::Touch), 1);
    assert_eq!((headers(&answer), answer.cookies.len()), (pair("Cookie", ""), 0));
}

/// C-08: merged with what the application says.
#[rocket::async_test]
async fn c_08_the_headers_of_the_application_are_kept() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(headers(&browser.get("/headed").await), pair("Accept-Language, Cookie", "private, max-age=60"));
    assert_eq!(headers(&browser.get("/varying").await), pair("*", "private"));
    let answer = browser.post("/headed-login/7").await;
    assert_eq!(headers(&answer), pair("Accept-Language, cookie", "private, max-age=60, no-store"));
    assert_eq!(headers(&browser.post("/unstored-login/7").await), pair("Accept, Cookie", "No-Store"));
}

/// C-08: a catcher that reads the session, and a route that does not.
#[rocket::async_test]
async fn c_08_a_catcher_that_reads_varies_and_what_reads_nothing_does_not() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let lost = browser.get("/lost/page").await;
    assert_eq!((lost.code(), lost.body.as_str()), (404, "lost in light"));
    assert_eq!(headers(&lost), pair("Cookie", ""));
    for answer in [browser.get("/public").await, browser.get("/nowhere").await] {
        assert_eq!(headers(&answer), pair("", ""));
        assert!(answer.cookies.is_empty());
    }
}

/// C-09 (RFC 6265bis 8.6): a cookie that does not open does not count, wherever it stands.
#[rocket::async_test]
async fn c_09_of_two_cookies_the_one_that_opens_counts() {
    let site = Site::open().await;
    let token = site.member(7).await.token();
    let junk = "A".repeat(token.len());
    for cookies in [
        format!("{COOKIE}={token}; {COOKIE}={junk}"),
        format!("{COOKIE}={junk}; {COOKIE}={token}"),
        format!("{COOKIE}=; a=b; {COOKIE}={token}"),
        format!("{COOKIE}={token}; {COOKIE}={token}"),
    ] {
        let answer = site.browser().send(Method::Get, "/owned", &[("Cookie", &cookies)]).await;
        assert_eq!((answer.code(), answer.body.as_str()), (200, "light"), "{cookies}");
    }
}

/// C-09: whose session it is can not be told, so it is nobody's; the same across several headers.
#[rocket::async_test]
async fn c_09_two_cookies_that_open_are_no_session() {
    let site = Site::open().await;
    let (one, other) = (site.member(7).await.token(), site.member(8).await.token());
    let (one, other) = (format!("{COOKIE}={one}"), format!("{COOKIE}={other}"));
    site.events();
    site.storage.clear();
    let joined = format!("{one}; {other}");
    for cookies in [&[("Cookie", joined.as_str())][..], &[("Cookie", one.as_str()), ("Cookie", other.as_str())]] {
        let answer = site.browser().send(Method::Get, "/me", cookies).await;
        assert_eq!((answer.code(), answer.cookies.len()), (401, 0));
        assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::Ambiguous)]);
    }
    let many = format!("{one}; {COOKIE}=1; {COOKIE}=2; {COOKIE}=3; {COOKIE}=4");
    assert_eq!(site.browser().send(Method::Get, "/me", &[("Cookie", &many)]).await.code(), 401);
    assert!(site.storage.calls().is_empty());
}

/// C-09: names are compared whole, as they are written: no prefix, no other case, no `%` in them.
#[rocket::async_test]
async fn c_09_a_cookie_of_a_similar_name_is_another_cookie() {
    let site = Site::open().await;
    let token = site.member(7).await.token();
    for name in
        ["__Host-session_old", "__Host-sessio", "__host-session", "session", "__Host%2Dsession", "X__Host-session"]
    {
        let cookie = format!("{name}={token}");
        assert_eq!(site.browser().send(Method::Get, "/me", &[("Cookie", &cookie)]).await.code(), 401, "{name}");
    }
    let both = format!("{COOKIE}_old=1; {COOKIE}={token}; {COOKIE}_new=2");
    assert_eq!(site.browser().send(Method::Get, "/me", &[("Cookie", &both)]).await.code(), 200);
}

/// C-10 (OWASP ASVS 14.3.1).
#[rocket::async_test]
async fn c_10_signing_out_clears_site_data_if_configured() {
    let plain = Site::open().await;
    assert_eq!(plain.member(7).await.post("/logout").await.header("Clear-Site-Data"), None);
    let site = Site::builder().config(|config| config.clear_site_data = true).open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.post("/rotate").await.header("Clear-Site-Data"), None);
    let answer = browser.post("/logout").await;
    assert_eq!(answer.header("Clear-Site-Data").as_deref(), Some("\"cache\", \"storage\""));
    assert_eq!(site.browser().post("/logout").await.header("Clear-Site-Data"), None);
}

/// What the application has the browser forget.
#[derive(Responder)]
struct Forgetting((), Header<'static>);

#[post("/login")]
fn login(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[post("/logout")]
fn logout(session: Session<'_, User>) -> Forgetting {
    session.end();
    Forgetting((), Header::new("Clear-Site-Data", "\"storage\""))
}

#[rocket::async_test]
async fn c_10_what_the_application_clears_itself_is_left_to_it() {
    let app = App::builder().config(|config| config.clear_site_data = true);
    let app = app.sessions::<User>(place::storage()).mount(routes![login, logout]).open().await;
    let browser = app.browser();
    browser.post("/login").await;
    let answer = browser.post("/logout").await;
    assert_eq!(answer.header("Clear-Site-Data").as_deref(), Some("\"storage\""));
    assert_eq!(browser.cookie(COOKIE), None);
}

/// C-11: below 500 both are there, the data and the cookie.
#[rocket::async_test]
async fn c_11_an_answer_of_4xx_stores_and_sends_the_cookie() {
    let site = Site::open().await;
    for status in [400, 404, 422, 499] {
        let browser = site.browser();
        let answer = browser.post(&format!("/failed-login/7/{status}")).await;
        assert_eq!((answer.code(), answer.cookies.len()), (status, 1));
        assert_eq!(browser.get("/me").await.code(), 200);
        assert_eq!(browser.post(&format!("/fail/{status}/s{status}")).await.code(), status);
        assert_eq!(browser.get("/owned").await.body, format!("s{status}"));
        let (before, answer) = (browser.copy(), browser.post(&format!("/rotate-and-fail/{status}")).await);
        assert_eq!((answer.code(), answer.cookies.len()), (status, 1));
        assert_eq!((before.get("/me").await.code(), browser.get("/me").await.code()), (401, 200));
    }
}

/// C-11: from 500 on, and after a panic, neither is.
#[rocket::async_test]
async fn c_11_an_answer_of_5xx_stores_nothing_and_sends_no_cookie() {
    let site = Site::open().await;
    for page in ["/failed-login/7/500", "/failed-login/7/503", "/panicked-login/7"] {
        let answer = site.browser().post(page).await;
        assert!(answer.code() >= 500 && answer.cookies.is_empty(), "{page}");
    }
    assert_eq!((site.storage.calls().len(), site.events().len()), (0, 0));
    let browser = site.member(7).await;
    for page in ["/fail/500/lost", "/panic/lost", "/rotate-and-fail/500"] {
        let answer = browser.post(page).await;
        assert!(answer.code() >= 500 && answer.cookies.is_empty(), "{page}");
        assert_eq!(browser.get("/owned").await.body, "light");
    }
}

/// C-11: what was saved before the failure is stored, and its cookie is sent with whatever answer.
#[rocket::async_test]
async fn c_11_a_saved_rotation_sends_its_cookie_with_an_answer_of_500() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let answer = browser.post("/rotate-save-and-fail").await;
    assert_eq!((answer.code(), answer.cookies.len()), (500, 1));
    assert_eq!(browser.get("/me").await.code(), 200);
}

/// How long it lives is what was written last.
#[rocket::async_test]
async fn a_saved_token_is_sent_though_more_is_written_after_it() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.member(7).await;
    for (page, max_age) in [("/hard/start-save-edit/7", 3600), ("/hard/rotate-save-ttl/7200", 7200)] {
        let before = browser.copy();
        let cookie = browser.post(page).await.set_cookie(COOKIE).unwrap();
        assert_eq!(cookie.max_age(), Some(max_age), "{page}");
        assert_eq!((before.get("/me").await.code(), browser.get("/me").await.code()), (401, 200), "{page}");
    }
}
