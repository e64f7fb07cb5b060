//! How long a session lives, whatever its cookie says.

use std::sync::Arc;
use std::time::Duration;

use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::Operation;
use rocket_typed_session::{Clock, Config, EventKind, RefusedCookie};
use rocket_typed_session_tests::{Browser, Site, User};

const IDLE: Duration = Duration::from_hours(1);
const TTL: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

async fn lives(browser: &Browser<'_>) -> bool {
    match browser.get("/me").await.code() {
        200 => true,
        401 => false,
        code => panic!("{code}"),
    }
}

/// Visits every `pause` until the session is dead or `most` have passed, and returns how long it lived at least.
async fn visit_every(site: &Site, browser: &Browser<'_>, pause: Duration, most: Duration) -> Duration {
    let mut lived = Duration::ZERO;
    while lived < most {
        site.clock.advance(pause);
        if !lives(browser).await {
            return lived;
        }
        lived += pause;
    }
    lived
}

/// L-01 (OWASP ASVS 7.3.1, NIST SP 800-63B-4 5.2): though the storage still holds it.
#[rocket::async_test]
async fn l_01_an_unused_session_ends_after_idle() {
    let storage = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(storage.clone()).open().await;
    let (early, late) = (site.member(7).await, site.member(8).await);
    site.clock.advance(IDLE - SECOND);
    assert!(lives(&early).await);
    site.clock.advance(SECOND);
    assert!(!lives(&late).await && lives(&early).await);
    assert_eq!(storage.len(), 2);
    site.events();
    assert_eq!(late.post("/theme/dark").await.code(), 401);
    assert_eq!(site.event_kinds(), [EventKind::Refused(RefusedCookie::NoSession)]);
}

/// L-02 (OWASP ASVS 7.3.2).
#[rocket::async_test]
async fn l_02_a_used_session_ends_after_its_ttl() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(visit_every(&site, &browser, IDLE / 2, TTL * 2).await, TTL - IDLE / 2);
}

/// L-02: neither edits nor a new token put the end off.
#[rocket::async_test]
async fn l_02_rotations_and_edits_do_not_put_off_the_end() {
    let site = Site::builder().config(|config| config.renew = Some(IDLE * 3)).open().await;
    let browser = site.member(7).await;
    let mut tokens = vec![browser.token()];
    for page in ["/rotate", "/theme/dark", "/role/admin", "/update/blue", "/role/member", "/rotate", "/visit"] {
        assert_eq!(visit_every(&site, &browser, IDLE / 2, IDLE * 3).await, IDLE * 3);
        assert_eq!(browser.post(page).await.code(), 200, "{page}");
        tokens.push(browser.token());
    }
    tokens.dedup();
    assert!(tokens.len() > 4);
    assert_eq!(visit_every(&site, &browser, IDLE / 2, TTL).await, IDLE * 3 - IDLE / 2);
}

/// L-03 (NIST SP 800-63B-4 5.2): both ends move, by a sign-in and by a proof of identity.
#[rocket::async_test]
async fn l_03_authentication_begins_both_lifetimes_anew() {
    for page in ["/login/7/member", "/authenticate", "/set/8"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        assert_eq!(visit_every(&site, &browser, IDLE / 2, TTL - IDLE).await, TTL - IDLE);
        site.clock.advance(IDLE - SECOND);
        assert_eq!(browser.post(page).await.code(), 200, "{page}");
        assert_eq!(visit_every(&site, &browser, IDLE - MINUTE, TTL - IDLE).await.as_secs() / 3600, 23, "{page}");
        site.clock.advance(IDLE);
        assert!(!lives(&browser).await, "{page}");
    }
}

/// L-04 (OWASP ASVS 7.4.1; expiry not enforced: CVE-2024-35220, CVE-2024-31999).
#[rocket::async_test]
async fn l_04_a_cookie_kept_beyond_its_max_age_is_no_session() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let remembered = site.browser();
    let answer = remembered.post("/remember/7/900").await;
    assert_eq!(answer.set_cookie("__Host-session").unwrap().max_age(), Some(900));
    let idle = site.member(8).await;
    let thieves = [remembered.copy(), idle.copy()];
    site.clock.advance(Duration::from_secs(899));
    assert!(lives(&remembered.copy()).await);
    site.clock.advance(SECOND);
    assert!(!lives(&thieves[0]).await && lives(&idle).await);
    site.clock.advance(IDLE);
    assert!(!lives(&thieves[1]).await);
}

/// L-04: sweeping or not, setting the clock back or not: what a sign-out ended stays so, what expired by a clock that
/// ran ahead lives again.
#[rocket::async_test]
async fn l_04_a_clock_that_runs_ahead_signs_nobody_out_for_good() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let before = site.clock.now();
    site.clock.advance(IDLE + MINUTE);
    assert!(!lives(&browser).await);
    site.sessions::<User>().delete_expired().await.unwrap();
    site.clock.set(before);
    assert!(lives(&browser).await);
}

/// L-05, with L-01 and L-02 (NIST SP 800-63B-4 2.1.3, 2.2.3, 2.3.3; revision 3, 4.2.3).
#[rocket::async_test]
async fn l_05_the_levels_of_assurance_have_their_lifetimes() {
    let hours = Duration::from_hours;
    let levels = [
        (Config::aal1(), hours(30 * 24), hours(30 * 24)),
        (Config::aal2(), hours(1), hours(24)),
        (Config::aal3(), 15 * MINUTE, hours(12)),
        (Config::aal2_rev3(), 30 * MINUTE, hours(12)),
        (Config::default(), hours(1), hours(24)),
    ];
    for (level, idle, ttl) in levels {
        let site = Site::builder().config(|config| *config = level.clone()).open().await;
        let (unused, used) = (site.member(7).await, site.member(8).await);
        site.clock.advance(idle - SECOND);
        assert!(lives(&unused.copy()).await && lives(&used).await);
        assert_eq!(visit_every(&site, &used, idle / 2, ttl).await + idle - SECOND, last_visit(idle, ttl));
        assert!(!lives(&unused).await);
    }
}

/// When a session that is first visited just before `idle` is over, and then every half of it, is last found alive.
fn last_visit(idle: Duration, ttl: Duration) -> Duration {
    let mut at = idle - SECOND;
    while at + idle / 2 < ttl {
        at += idle / 2;
    }
    at
}

/// L-05: a lifetime of its own, longer or shorter than the others'.
#[rocket::async_test]
async fn l_05_a_remembered_session_lives_as_long_as_it_says() {
    let site = Site::open().await;
    let (week, minute) = (site.browser(), site.browser());
    week.post("/remember/7/604800").await;
    minute.post("/remember/8/60").await;
    site.clock.advance(MINUTE - SECOND);
    assert!(lives(&minute).await);
    site.clock.advance(SECOND);
    assert!(!lives(&minute).await);
    site.clock.advance(TTL * 7 - MINUTE - SECOND);
    assert!(lives(&week).await);
    site.clock.advance(SECOND);
    assert!(!lives(&week).await);
}

/// L-06, L-07: reads within a tenth of `idle` write nothing.
#[rocket::async_test]
async fn l_06_a_thousand_reads_touch_once() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.clock.advance(IDLE / 10);
    site.storage.clear();
    for _ in 0..1_000 {
        assert!(lives(&browser).await);
        site.clock.advance(IDLE / 10_000);
    }
    let count = |operation| site.storage.count(operation);
    assert_eq!((count(Operation::Load), count(Operation::Touch)), (1_000, 1));
    assert_eq!(site.storage.calls().len(), 1_001);
}

/// L-06: whoever comes back just before `idle` is over is not signed out.
#[rocket::async_test]
async fn l_06_visits_just_before_the_idle_end_keep_a_session_alive() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    assert_eq!(visit_every(&site, &browser, IDLE - SECOND, TTL * 2).await, (IDLE - SECOND) * 24);
}

/// L-06: never later than `idle` after the last request, and at most a tenth of it earlier, whenever that was.
#[rocket::async_test]
async fn l_06_the_throttle_ends_a_session_at_most_a_tenth_early_and_never_late() {
    let tenth = IDLE / 10;
    for last in [Duration::ZERO, SECOND, tenth / 2, tenth - SECOND, tenth, tenth + SECOND, IDLE / 2] {
        let site = Site::open().await;
        let (early, late) = (site.member(7).await, site.member(8).await);
        site.clock.advance(last);
        assert!(lives(&early).await && lives(&late).await);
        site.clock.advance(IDLE - tenth);
        assert!(lives(&early).await, "{last:?}");
        site.clock.advance(tenth);
        assert!(!lives(&late).await, "{last:?}");
    }
}

/// Of edits in quick succession only the first may write down that the session was used; a rotation always does.
#[rocket::async_test]
async fn l_06_a_rotation_writes_down_a_use_and_an_edit_just_after_one_does_not() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let used = async || browser.get("/times").await.body;
    let at_first = used().await;
    site.clock.advance(SECOND);
    assert_eq!(browser.post("/theme/dark").await.code(), 200);
    assert_eq!(used().await, at_first);
    assert_eq!(browser.post("/rotate").await.code(), 200);
    assert_ne!(used().await, at_first);
}

/// L-07 (OWASP ASVS 15.4.1): no page that only reads writes a field.
#[rocket::async_test]
async fn l_07_reading_writes_no_field() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    site.storage.clear();
    for page in
        ["/vault", "/me", "/owned", "/maybe", "/why", "/session", "/times", "/handle", "/admin", "/list", "/debug"]
    {
        site.clock.advance(IDLE / 10);
        assert_eq!(browser.get(page).await.code(), 200, "{page}");
    }
    for operation in [Operation::Create, Operation::Commit, Operation::Rotate, Operation::Delete] {
        assert_eq!(site.storage.count(operation), 0);
    }
    assert_eq!(site.storage.count(Operation::Touch), 11);
}

/// L-08 (NIST SP 800-63B-4 5.1).
#[rocket::async_test]
async fn l_08_only_a_remembered_session_has_a_persistent_cookie() {
    let site = Site::open().await;
    let browser = site.browser();
    let plain = browser.post("/login/7/member").await.set_cookie("__Host-session").unwrap();
    assert!(!plain.has("Max-Age") && !plain.has("Expires"));
    assert!(browser.post("/theme/dark").await.cookies.is_empty());
    let remembered = browser.post("/ttl/604800").await.set_cookie("__Host-session").unwrap();
    assert_eq!(remembered.max_age(), Some(604_800));
    for rotation in ["/rotate", "/authenticate", "/role/admin"] {
        let again = browser.post(rotation).await.set_cookie("__Host-session").unwrap();
        assert_eq!(again.max_age(), Some(604_800), "{rotation}");
    }
    let anew = browser.post("/login/7/member").await.set_cookie("__Host-session").unwrap();
    assert!(!anew.has("Max-Age"), "what is remembered ends with the session");
}

/// It is renewed by whoever writes, but has no other token as yet.
#[rocket::async_test]
async fn who_is_remembered_at_once_where_tokens_are_renewed_is_told() {
    for before in ["/theme/dark", "/rotate", "/authenticate"] {
        let site = Site::builder().config(|config| config.renew = Some(IDLE / 2)).open().await;
        let browser = site.member(7).await;
        site.clock.advance(5 * SECOND);
        browser.post(before).await;
        site.clock.advance(5 * SECOND);
        let remembered = browser.post("/ttl/604800").await.set_cookie("__Host-session").unwrap();
        assert_eq!(remembered.max_age(), Some(604_800), "{before}");
    }
}

#[rocket::async_test]
async fn the_cookie_of_a_new_session_lives_longer_once_it_comes_back_where_tokens_are_renewed() {
    let change = |config: &mut Config| (config.renew, config.cookie.persistent) = (Some(IDLE / 2), true);
    let site = Site::builder().config(change).open().await;
    let guest = site.browser();
    let begun = guest.post("/guest/hit").await.cookies.len();
    site.clock.advance(5 * SECOND);
    let back = guest.get("/guest").await;
    assert_eq!((begun, back.cookies.len()), (1, 1));
    assert!(back.cookies[0].contains(&format!("Max-Age={}", IDLE.as_secs())), "{back:?}");
}

/// L-09 (store exhaustion: CVE-2015-5143): what expired is freed, five minutes later, and nothing else is.
#[rocket::async_test]
async fn l_09_expired_sessions_are_freed_and_the_living_stay() {
    let storage = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(storage.clone()).open().await;
    for id in 0..100 {
        site.member(id).await;
    }
    site.clock.advance(IDLE);
    let living = site.member(7).await;
    let sessions = site.sessions::<User>();
    assert_eq!(sessions.delete_expired().await.unwrap(), 0);
    site.clock.advance(5 * MINUTE + SECOND);
    assert_eq!(sessions.delete_expired().await.unwrap(), 100);
    assert_eq!(storage.len(), 1);
    assert!(lives(&living).await);
    assert_eq!(sessions.count(&7).await.unwrap(), 1);
    site.clock.advance(TTL);
    assert_eq!(sessions.delete_expired().await.unwrap(), 1);
    assert!(storage.is_empty() && storage.bytes() == 0);
}

/// A new session of nobody lives ten minutes until its cookie comes back, then as long as any.
#[rocket::async_test]
async fn a_session_of_nobody_must_come_back_soon() {
    let site = Site::open().await;
    let (robot, visitor) = (site.browser(), site.browser());
    robot.post("/guest/hit").await;
    visitor.post("/guest/hit").await;
    site.clock.advance(10 * MINUTE - SECOND);
    assert_eq!(visitor.get("/guest/session").await.body, "1");
    site.clock.advance(SECOND);
    assert_eq!(robot.get("/guest/session").await.body, "nobody");
    assert_eq!(visitor.get("/guest/session").await.body, "1");
    site.clock.advance(IDLE - 2 * MINUTE);
    assert_eq!(visitor.get("/guest/session").await.body, "1");
}

/// A lifetime is that of a session that there is, not of one that begins after.
#[rocket::async_test]
async fn a_lifetime_without_a_session_is_none() {
    let site = Site::open().await;
    let visitor = site.browser();
    assert!(visitor.post("/guest/ttl").await.cookies.is_empty());
    let begun = visitor.post("/guest/ttl-and-hit").await.set_cookie("__Host-guest").unwrap();
    assert!(!begun.has("Max-Age"));
    site.clock.advance(10 * MINUTE);
    assert_eq!(visitor.get("/guest/session").await.body, "nobody");
}

/// What a handler is told of a session that it began is what the storage has.
#[rocket::async_test]
async fn a_session_that_begins_knows_when_it_ends() {
    let site = Site::open().await;
    let visitor = site.browser();
    let promised = visitor.post("/guest/begun").await.body;
    let kept = visitor.copy().get("/guest/times").await.body;
    assert_eq!(promised, kept);
    let member = site.browser();
    let promised = member.post("/begun/7").await.body;
    assert_eq!(promised, member.get("/times").await.body);
}
