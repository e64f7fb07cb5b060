//! What signing in, changing roles and signing out do to sessions.

use std::time::Duration;

use rocket::futures::future::{join, join_all};
use rocket::{get, post, routes};
use rocket_typed_session::record::{FieldPatch, FieldText, MetaPatch, Patch};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, Operation, When};
use rocket_typed_session::{EndedBy, EventKind, Handle, RefusedCookie, Session, Unavailable};
use rocket_typed_session_tests::{App, Browser, Role, Site, User};

const MINUTE: Duration = Duration::from_mins(1);
const COOKIE: &str = "__Host-session";

async fn code(browser: &Browser<'_>, page: &str) -> u16 {
    browser.get(page).await.code()
}

/// Breaks a stored field of the session that was last written.
async fn corrupt(site: &Site, field: &str, text: &str) {
    let key = *site.storage.calls().last().unwrap().keys.last().unwrap();
    let set = [(field.to_owned(), FieldText::Json(text.to_owned()))].into();
    let patch = Patch::new(MetaPatch::default(), FieldPatch { set, ..FieldPatch::default() });
    site.storage.inner().commit(&key, patch, site.clock.timestamp()).await.unwrap();
}

/// A-01 (OWASP ASVS 7.2.4, RFC 6265bis 8.4; remember-me confusion: CVE-2024-51996).
#[rocket::async_test]
async fn a_01_signing_in_gives_a_new_token_and_kills_the_old() {
    let site = Site::open().await;
    for first in ["/login/8/member", "/login/7/member", "/remember/7/604800", "/login/7/admin"] {
        let browser = site.browser();
        browser.post(first).await;
        let (attacker, planted) = (browser.copy(), browser.token());
        browser.post("/login/7/member").await;
        assert_ne!(browser.token(), planted);
        assert_eq!((code(&browser, "/me").await, code(&attacker, "/me").await), (200, 401), "{first}");
        assert_eq!(code(&browser, "/admin").await, 403, "{first}: nothing of the session before is left");
    }
}

/// session fixation with a token of a session of nobody, which signing in makes somebody's.
#[rocket::async_test]
async fn a_01_an_anonymous_token_does_not_become_a_login() {
    let site = Site::open().await;
    let browser = site.browser();
    browser.post("/guest/hit").await;
    let attacker = browser.copy();
    assert_eq!(browser.post("/guest/account/ada").await.code(), 200);
    assert_ne!(browser.cookie("__Host-guest"), attacker.cookie("__Host-guest"));
    assert_eq!(browser.get("/guest").await.body, "Some(\"ada\") 1 ");
    assert_eq!(attacker.get("/guest/session").await.body, "nobody");
    attacker.post("/guest/end").await;
    assert_eq!(browser.get("/guest/session").await.body, "1", "who planted the token can not end the session either");
}

/// A-02 (OWASP Session Management Cheat Sheet: renew on any privilege change), also to the value it has.
#[rocket::async_test]
async fn a_02_every_change_of_privilege_rotates_the_token() {
    let site = Site::open().await;
    for page in ["/role/admin", "/role/member", "/identify/8", "/identify/7", "/set/7", "/authenticate", "/rotate"] {
        let browser = site.member(7).await;
        let before = browser.copy();
        let answer = browser.post(page).await;
        assert_eq!((answer.code(), answer.cookies.len()), (200, 1), "{page}");
        assert_ne!(browser.token(), before.token(), "{page}");
        assert_eq!((code(&browser, "/me").await, code(&before, "/me").await), (200, 401), "{page}");
        assert_eq!(code(&before, "/admin").await, 401, "{page}");
    }
}

/// a role that is changed from outside counts at once; the next request rotates.
#[rocket::async_test]
async fn a_02_a_change_of_role_from_outside_rotates_with_the_next_request() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    let handle: Handle = browser.get("/handle").await.body.parse().unwrap();
    let demoted = site.sessions::<User>().update(&handle, |user| user.role = Role::Member).await.unwrap();
    assert_eq!(demoted, Some(()));
    let before = browser.copy();
    let answer = browser.get("/admin").await;
    assert_eq!((answer.code(), answer.cookies.len()), (403, 1));
    assert_eq!((code(&browser, "/me").await, code(&before, "/me").await), (200, 401));
    assert_eq!(browser.get("/me").await.cookies.len(), 0);
    assert_eq!(browser.get("/handle").await.body, handle.to_string());
}

/// A-03 (OWASP Session Management Cheat Sheet: renewal timeout): both tokens are good until the new one was presented
/// and for 30 seconds after; then the old one is refused, and told of.
#[rocket::async_test]
async fn a_03_a_renewed_token_is_good_for_a_moment_longer() {
    let site = Site::builder().config(|config| config.renew = Some(15 * MINUTE)).open().await;
    let browser = site.member(7).await;
    site.clock.advance(15 * MINUTE);
    let old = browser.copy();
    assert_eq!(browser.get("/me").await.cookies.len(), 1);
    assert_ne!(browser.token(), old.token());

    site.clock.advance(5 * MINUTE);
    let lost = old.copy();
    assert_eq!(code(&lost, "/me").await, 200, "whoever lost the response is not signed out");
    let pending = if lost.token() == old.token() { &browser } else { &lost };
    assert_eq!(pending.post("/theme/dark").await.code(), 200);

    site.clock.advance(Duration::from_secs(29));
    let answer = old.get("/owned").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("dark", 0));
    assert_eq!(old.post("/language/fr").await.code(), 200);
    site.clock.advance(Duration::from_secs(1));
    site.events();
    assert_eq!(code(&old, "/me").await, 401);
    assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::NoSession)]);
    assert!(pending.get("/me").await.body.starts_with("7 Member dark fr"));
}

/// in its grace a token neither takes a new privilege nor renews itself.
#[rocket::async_test]
async fn a_03_a_token_in_grace_gains_nothing() {
    let site = Site::builder().config(|config| config.renew = Some(15 * MINUTE)).open().await;
    let browser = site.member(7).await;
    site.clock.advance(15 * MINUTE);
    let old = browser.copy();
    browser.get("/me").await;
    browser.get("/me").await;
    for page in ["/role/admin", "/rotate", "/authenticate"] {
        let answer = old.post(page).await;
        assert_eq!((answer.code(), answer.cookies.len()), (409, 0), "{page}");
    }
    assert_eq!((code(&old, "/admin").await, code(&browser, "/me").await), (403, 200));
    assert_eq!(browser.post("/role/admin").await.code(), 200);
    assert_eq!((code(&old, "/admin").await, code(&old, "/me").await, code(&browser, "/admin").await), (401, 401, 200));
}

/// A-04 (CSRF token not rotated: CVE-2022-24895): what an application binds to the session's public name, or keeps in
/// the session, is of another session after signing in.
#[rocket::async_test]
async fn a_04_what_is_bound_to_the_session_before_signing_in_is_void_after() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/nickname/csrf-of-before").await;
    let before = browser.get("/handle").await.body;
    browser.post("/login/7/member").await;
    assert_ne!(browser.get("/handle").await.body, before);
    assert!(!browser.get("/me").await.body.contains("csrf-of-before"));
    let other = browser.get("/handle").await.body;
    browser.post("/identify/8").await;
    assert_ne!(browser.get("/handle").await.body, other);
}

/// A-05 (OWASP ASVS 7.4.1; delete not effective: CVE-2024-31999; logout leaves context saved: CVE-2023-20862), for
/// every token that the session had and whatever the answer is.
#[rocket::async_test]
async fn a_05_signing_out_is_final() {
    let site = Site::open().await;
    for page in ["/logout", "/logout/404", "/logout/500", "/logout/panic", "/all-at-once", "/taken-away/x"] {
        let browser = site.member(7).await;
        let mut copies = vec![browser.copy()];
        browser.post("/rotate").await;
        copies.push(browser.copy());
        let answer = browser.post(page).await;
        assert_eq!(answer.set_cookie(COOKIE).unwrap().max_age(), Some(0), "{page}");
        for copy in copies {
            assert_eq!((code(&copy, "/me").await, copy.post("/theme/x").await.code()), (401, 401), "{page}");
            assert_eq!(code(&copy, "/session").await, 200);
        }
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0, "{page}");
    }
}

/// edits of the same request, before or after, do not keep the session.
#[rocket::async_test]
async fn a_05_edits_beside_a_sign_out_are_dropped() {
    let site = Site::open().await;
    for page in ["/edit-after-end", "/taken-away/ghost", "/end-all-and-edit"] {
        let browser = site.member(7).await;
        let copy = browser.copy();
        browser.post(page).await;
        assert_eq!((code(&copy, "/me").await, code(&browser, "/me").await), (401, 401), "{page}");
    }
    assert_eq!(site.storage.count(Operation::Commit), 0);
}

/// a session that can not be read, as by an older deployment, is ended all the same.
#[rocket::async_test]
async fn a_05_signing_out_ends_a_session_that_can_not_be_read() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    corrupt(&site, "role", "\"unheard of\"").await;
    let copy = browser.copy();
    let answer = browser.post("/logout").await;
    assert_eq!(answer.set_cookie(COOKIE).map(|cookie| cookie.max_age()), Some(Some(0)));
    corrupt(&site, "role", "\"member\"").await;
    assert_eq!(code(&copy, "/me").await, 401);
}

/// and a sign-in takes its place.
#[rocket::async_test]
async fn a_05_signing_in_ends_a_session_that_can_not_be_read() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    corrupt(&site, "role", "\"unheard of\"").await;
    browser.post("/login/7/member").await;
    assert_eq!((code(&browser, "/me").await, site.sessions::<User>().count(&7).await.unwrap()), (200, 1));
}

/// A-07 (OWASP ASVS 7.4.2).
#[rocket::async_test]
async fn a_07_all_sessions_of_a_disabled_account_end() {
    let site = Site::open().await;
    let browsers = join_all((0..5).map(|_| site.member(7))).await;
    let other = site.member(8).await;
    assert_eq!(site.sessions::<User>().end_all(&7).await.unwrap(), 5);
    for browser in &browsers {
        assert_eq!(code(browser, "/me").await, 401);
    }
    assert_eq!(code(&other, "/me").await, 200);
    assert_eq!(site.sessions::<User>().end_all(&7).await.unwrap(), 0);
}

/// A-08 (OWASP ASVS 7.4.3).
#[rocket::async_test]
async fn a_08_ending_all_others_keeps_this_one() {
    let site = Site::open().await;
    let browsers = join_all((0..5).map(|_| site.member(7))).await;
    let other = site.member(8).await;
    let answer = browsers[2].post("/end-others").await;
    assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Some(4)", 0));
    for (at, browser) in browsers.iter().enumerate() {
        assert_eq!(code(browser, "/me").await, if at == 2 { 200 } else { 401 });
    }
    assert_eq!(code(&other, "/me").await, 200);
    let handle: Handle = browsers[2].get("/handle").await.body.parse().unwrap();
    assert_eq!(site.sessions::<User>().end_all_except(&7, &handle).await.unwrap(), 0);
}

/// A-09 (OWASP ASVS 7.4.5): one user's, one session, everyone's.
#[rocket::async_test]
async fn a_09_an_administrator_ends_sessions() {
    let site = Site::open().await;
    let browsers = [site.member(7).await, site.member(8).await, site.member(9).await];
    let sessions = site.sessions::<User>();
    let handle: Handle = browsers[0].get("/handle").await.body.parse().unwrap();
    assert!(sessions.end_one(&handle).await.unwrap());
    assert!(!sessions.end_one(&handle).await.unwrap());
    sessions.end_all(&8).await.unwrap();
    let codes = [code(&browsers[0], "/me").await, code(&browsers[1], "/me").await, code(&browsers[2], "/me").await];
    assert_eq!(codes, [401, 401, 200]);
    sessions.end_everyone().await.unwrap();
    assert_eq!(code(&browsers[2], "/me").await, 401);
    assert_eq!(code(&site.member(7).await, "/me").await, 200, "who signs in afterwards is not concerned");
}

/// A-10 (OWASP ASVS 7.5.2).
#[rocket::async_test]
async fn a_10_a_user_sees_own_sessions_without_secrets_and_ends_one() {
    let site = Site::open().await;
    let (laptop, phone, other) = (site.member(7).await, site.member(7).await, site.member(8).await);
    let list = laptop.get("/list").await.body;
    let handles: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(handles.len(), 2);
    assert_eq!(list.matches(" true ").count(), 1, "one is the current: {list}");
    assert!(![&laptop, &phone].iter().any(|browser| list.contains(&browser.token())));
    let gone = phone.get("/handle").await.body;
    assert!(handles.contains(&gone.as_str()));
    assert_eq!(laptop.post(&format!("/end/{gone}")).await.body, "Some(true)");
    assert_eq!((code(&phone, "/me").await, code(&laptop, "/me").await, code(&other, "/me").await), (401, 200, 200));
}

/// a session of somebody else and none at all look alike.
#[rocket::async_test]
async fn a_10_a_session_of_somebody_else_can_not_be_ended() {
    let site = Site::open().await;
    let (browser, other) = (site.member(7).await, site.member(8).await);
    let foreign = other.get("/handle").await.body;
    let unknown = Handle::from_bytes([7; 32]);
    let answers = [browser.post(&format!("/end/{foreign}")).await, browser.post(&format!("/end/{unknown}")).await];
    assert!(answers.iter().all(|answer| answer.body == "Some(false)" && answer.code() == 200));
    assert_eq!(code(&other, "/me").await, 200);
    assert_eq!(site.browser().post(&format!("/end/{foreign}")).await.body, "None");
}

/// A-11, without the races: whatever became of a session's token, its user's end includes it.
#[rocket::async_test]
async fn a_11_sessions_end_with_the_others_whatever_became_of_their_tokens() {
    let site = Site::builder().config(|config| config.renew = Some(15 * MINUTE)).open().await;
    let browsers = join_all((0..6).map(|_| site.member(7))).await;
    browsers[0].post("/rotate").await;
    browsers[1].post("/role/admin").await;
    browsers[2].post("/identify/8").await;
    browsers[2].post("/identify/7").await;
    site.clock.advance(15 * MINUTE);
    browsers[3].get("/me").await;
    let old = browsers[4].copy();
    browsers[4].get("/me").await;
    browsers[4].get("/me").await;
    browsers[5].post("/ttl/604800").await;
    assert_eq!(site.sessions::<User>().end_all(&7).await.unwrap(), 6);
    for browser in browsers.iter().chain([&old]) {
        assert_eq!(code(browser, "/me").await, 401);
    }
}

/// A-12 (OWASP ASVS 7.1.2): 50 sign-ins that come to the storage together.
#[rocket::async_test]
async fn a_12_the_cap_holds_under_parallel_sign_ins() {
    let site = Site::builder().config(|config| config.max_per_user = Some(3)).open().await;
    let other = site.member(8).await;
    let mut older = Vec::new();
    for _ in 0..3 {
        older.push(site.member(7).await);
        site.clock.advance(MINUTE);
    }
    let parked: Vec<_> = (0..50).map(|_| site.parking().park(Operation::Create, When::Before)).collect();
    let sign_ins = join_all((0..50).map(|_| site.member(7)));
    let release = async {
        for place in &parked {
            place.reached().await;
        }
        for place in &parked {
            place.release();
        }
    };
    let (browsers, ()) = join(sign_ins, release).await;
    let codes = join_all(browsers.iter().map(|browser| code(browser, "/me"))).await;
    assert_eq!(codes.iter().filter(|code| **code == 200).count(), 3);
    assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 3);
    assert_eq!(code(&other, "/me").await, 200);
    for browser in older {
        assert_eq!(code(&browser, "/me").await, 401, "those seen longest ago go first");
    }
    let ended = site.event_kinds().into_iter().filter(|kind| *kind == EventKind::Ended(EndedBy::Cap)).count();
    assert_eq!(ended, 50);
}

/// those seen longest ago go first; also where a session becomes a user's by an edit.
#[rocket::async_test]
async fn a_12_the_cap_ends_what_was_seen_longest_ago() {
    let site = Site::builder().config(|config| config.max_per_user = Some(2)).open().await;
    let first = site.member(7).await;
    site.clock.advance(MINUTE);
    let second = site.member(7).await;
    site.clock.advance(7 * MINUTE);
    assert_eq!(code(&first, "/me").await, 200);
    let third = site.member(7).await;
    assert_eq!((code(&first, "/me").await, code(&second, "/me").await, code(&third, "/me").await), (200, 401, 200));
    let fourth = site.member(8).await;
    site.clock.advance(MINUTE);
    fourth.post("/identify/7").await;
    assert_eq!((code(&fourth, "/me").await, site.sessions::<User>().count(&7).await.unwrap()), (200, 2));
}

/// A-13 (OWASP ASVS 7.5.1, 7.5.3).
#[rocket::async_test]
async fn a_13_a_sensitive_page_asks_for_a_fresh_sign_in() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    site.clock.advance(15 * MINUTE);
    assert_eq!(code(&browser, "/vault").await, 200);
    site.clock.advance(Duration::from_secs(1));
    let answer = browser.get("/vault").await;
    assert_eq!((answer.code(), answer.body.as_str()), (401, "401 Some(Stale)"));
    assert_eq!(code(&browser, "/admin").await, 200);
    for page in ["/rotate", "/role/admin", "/theme/dark", "/ttl/604800"] {
        browser.post(page).await;
        assert_eq!(code(&browser, "/vault").await, 401, "{page} is no proof of identity");
    }
    for page in ["/authenticate", "/login/7/admin"] {
        browser.post(page).await;
        assert_eq!(code(&browser, "/vault").await, 200, "{page}");
        site.clock.advance(16 * MINUTE);
        assert_eq!(code(&browser, "/vault").await, 401);
    }
}

/// A-14 (OWASP ASVS 16.5.3): nobody, somebody else, an expired and an unreadable session, and a storage that fails.
#[rocket::async_test]
async fn a_14_a_role_guard_fails_closed() {
    let site = Site::open().await;
    let (anonymous, member, admin) = (site.browser(), site.member(8).await, site.admin(7).await);
    assert_eq!(code(&admin, "/admin").await, 200);
    assert_eq!((code(&anonymous, "/admin").await, code(&member, "/admin").await), (401, 403));
    for fault in [Fault::Before, Fault::After] {
        site.faults().fail(Operation::Load, fault);
        for page in ["/admin", "/vault", "/perhaps", "/optional-admin", "/told-admin", "/me", "/maybe", "/session"] {
            assert_eq!(code(&admin, page).await, 503, "{page}");
        }
        site.faults().clear();
    }
    corrupt_last_login(&site, &admin).await;
    for page in ["/admin", "/vault", "/me"] {
        assert_eq!(code(&admin, page).await, 401, "{page}");
    }
    assert_eq!(admin.get("/optional-admin").await.body, "nobody");
    assert_eq!(admin.get("/told-admin").await.body, "Missing");
    assert_eq!(admin.get("/perhaps").await.body, "somebody");
    let admin = site.admin(7).await;
    site.clock.advance(Duration::from_hours(1));
    assert_eq!((code(&admin, "/admin").await, code(&admin, "/vault").await), (401, 401));
}

async fn corrupt_last_login(site: &Site, browser: &Browser<'_>) {
    browser.get("/me").await;
    corrupt(site, "role", "\"unheard of\"").await;
}

/// where handlers are to decide, they are told the reason, and `Option` is not taken for "signed out".
#[rocket::async_test]
async fn a_14_where_handlers_decide_a_failed_storage_is_no_success_either() {
    let site = Site::builder().config(|config| config.unavailable = Unavailable::Pass).open().await;
    let admin = site.admin(7).await;
    site.faults().fail(Operation::Load, Fault::Before);
    assert_eq!(admin.get("/told-admin").await.body, "Storage");
    assert_eq!(
        (code(&admin, "/admin").await, code(&admin, "/vault").await, code(&admin, "/perhaps").await),
        (503, 503, 503)
    );
    site.faults().clear();
    assert_eq!(code(&admin, "/admin").await, 200);
}

/// A-15 (OWASP ASVS 7.6.2; store exhaustion by visits: CVE-2015-5143, CVE-2015-5963, CVE-2016-4423).
#[rocket::async_test]
async fn a_15_visits_create_no_session() {
    let site = Site::open().await;
    let browser = site.browser();
    let reading = ["/public", "/me", "/owned", "/maybe", "/why", "/session", "/times", "/handle", "/guest", "/list"];
    let more = ["/admin", "/vault", "/perhaps", "/guest/session", "/notice", "/stream/dark", "/stream-end", "/nowhere"];
    for page in reading.iter().chain(&more).cycle().take(1_000) {
        assert!(browser.get(page).await.cookies.is_empty(), "{page}");
    }
    for page in [
        "/logout",
        "/guest/end",
        "/rotate",
        "/authenticate",
        "/ttl/60",
        "/theme/x",
        "/visit",
        "/end-all",
        "/logout/500",
    ] {
        assert!(browser.post(page).await.cookies.is_empty(), "{page}");
    }
    assert!(site.storage.calls().is_empty() && site.guests.calls().is_empty());
}

/// Somebody without an account, who has shown who they are.
#[derive(Clone, Default, Session)]
#[session(name = "basket")]
#[session(guard(Fresh, fresh = "15m"))]
struct Basket {
    items: u32,
}

#[post("/basket/<authenticates>")]
fn fill(mut basket: BasketMut<'_>, session: Session<'_, Basket>, authenticates: bool) -> String {
    basket.set_items(1);
    if authenticates {
        session.mark_authenticated();
    }
    proved(session)
}

#[get("/basket/proved")]
fn proved(session: Session<'_, Basket>) -> String {
    session.authenticated_at().is_some().to_string()
}

#[get("/basket")]
fn pay(basket: Fresh<'_>) -> String {
    basket.items.to_string()
}

/// Returns when the session ends, and when somebody proved who they are.
#[get("/basket/life")]
fn life(session: Session<'_, Basket>) -> String {
    format!("{:?} {:?}", session.expires_at(), session.authenticated_at())
}

#[post("/basket/prove")]
fn prove(session: Session<'_, Basket>) -> String {
    session.mark_authenticated();
    life(session)
}

#[post("/basket/remember/<days>")]
fn remember(session: Session<'_, Basket>, days: u64) -> String {
    session.set_ttl(Duration::from_hours(24 * days));
    life(session)
}

/// What a handler has done is seen in the times at once, as the next request finds them.
#[rocket::async_test]
async fn times_are_told_as_they_will_be() {
    let app = App::builder().sessions::<Basket>(MemoryStorage::new());
    let app = app.mount(routes![fill, life, prove, remember]).open().await;
    let browser = app.browser();
    browser.post("/basket/false").await;
    let mut last = browser.get("/basket/life").await.body;
    for act in ["/basket/prove", "/basket/remember/30", "/basket/prove", "/basket/remember/2"] {
        app.clock.advance(Duration::from_mins(5));
        let told = browser.post(act).await.body;
        assert_ne!(told, last, "{act}");
        last = browser.get("/basket/life").await.body;
        assert_eq!(told, last, "{act}");
    }
}

#[rocket::async_test]
async fn a_session_without_identifier_is_authenticated_as_it_begins_if_that_is_said() {
    let builder = App::builder().sessions::<Basket>(MemoryStorage::new());
    let app = builder.mount(routes![fill, pay, proved]).open().await;
    let (browser, other) = (app.browser(), app.browser());
    assert_eq!(browser.get("/basket/proved").await.body, "false");
    assert_eq!(browser.post("/basket/true").await.body, "true");
    assert_eq!(browser.get("/basket/proved").await.body, "true");
    assert_eq!(browser.get("/basket").await.body, "1");
    assert_eq!(other.post("/basket/false").await.body, "false");
    assert_eq!(other.get("/basket/proved").await.body, "false");
    assert_eq!(other.get("/basket").await.code(), 401);
    assert_eq!(other.post("/basket/true").await.body, "true");
    assert_eq!(other.get("/basket").await.body, "1");
}
