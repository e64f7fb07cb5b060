//! How long a cookie is kept, and how long its session lives whatever is kept.

use std::time::Duration;

use rocket_typed_session::Config;
use rocket_typed_session_tests::Browser;

use super::{COOKIE, app, builder, signed_in};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

async fn lives(browser: &Browser<'_>) -> bool {
    browser.get("/me").await.code() == 200
}

/// C-06
#[rocket::async_test]
async fn c_06_max_age_is_what_remains_of_a_session_in_its_cookie() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let remembered = browser.post("/ttl/2592000").await.set_cookie(COOKIE).unwrap();
    assert_eq!(remembered.max_age(), Some(30 * 24 * 3600));
    app.clock.advance(24 * HOUR);
    let later = browser.post("/theme/blue").await.set_cookie(COOKIE).unwrap();
    assert_eq!(later.max_age(), Some(29 * 24 * 3600));
    app.clock.advance(29 * 24 * HOUR);
    assert!(!lives(&browser).await);
}

/// C-06
#[rocket::async_test]
async fn c_06_max_age_of_a_sealed_session_is_at_most_400_days() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let remembered = browser.post("/ttl/63072000").await.set_cookie(COOKIE).unwrap();
    assert_eq!(remembered.max_age(), Some(400 * 24 * 3600));
}

/// L-04: of a jar that forgets nothing, presented more than once.
#[rocket::async_test]
async fn l_04_a_sealed_session_kept_beyond_its_max_age_is_none() {
    let app = builder(|config| config.cookie.persistent = true).open().await;
    let (short, idle) = (signed_in(&app, "member").await, signed_in(&app, "member").await);
    assert_eq!(short.post("/ttl/900").await.set_cookie(COOKIE).unwrap().max_age(), Some(900));
    assert_eq!(idle.post("/theme/dark").await.set_cookie(COOKIE).unwrap().max_age(), Some(3600));
    for (kept, max_age) in [(short, 15 * MINUTE), (idle, 45 * MINUTE)] {
        app.clock.advance(max_age - SECOND);
        assert!(lives(&kept.copy()).await);
        app.clock.advance(SECOND);
        for _ in 0..2 {
            let answer = kept.get("/me").await;
            assert_eq!((answer.code(), answer.cookies.len()), (401, 0));
        }
        assert_eq!(kept.post("/theme/blue").await.code(), 401, "nor does an edit bring it back");
    }
}

/// L-05
#[rocket::async_test]
async fn l_05_the_levels_of_assurance_hold_for_sessions_in_cookies() {
    let levels = [
        (Config::aal1(), 30 * 24 * HOUR, 30 * 24 * HOUR),
        (Config::aal2(), HOUR, 24 * HOUR),
        (Config::aal3(), 15 * MINUTE, 12 * HOUR),
        (Config::aal2_rev3(), 30 * MINUTE, 12 * HOUR),
    ];
    for (level, idle, ttl) in levels {
        let app = builder(|config| *config = level).open().await;
        let used = signed_in(&app, "member").await;
        let mut left = ttl;
        while left > idle / 2 {
            app.clock.advance(idle / 2);
            left -= idle / 2;
            assert!(lives(&used).await, "{left:?} before {ttl:?}");
        }
        app.clock.advance(left - SECOND);
        assert!(lives(&used).await);
        app.clock.advance(SECOND);
        assert!(!lives(&used).await, "after {ttl:?}");

        let unused = signed_in(&app, "member").await;
        app.clock.advance(idle - SECOND);
        assert!(lives(&unused.copy()).await);
        app.clock.advance(SECOND);
        assert!(!lives(&unused).await, "unused for {idle:?}");
    }
}

/// L-07: a session that is only read is sent again past half of its idle time, not before, and as it was.
#[rocket::async_test]
async fn l_07_reading_sends_a_cookie_past_half_of_idle_alone_and_changes_no_field() {
    let app = builder(|config| config.cookie.persistent = true).open().await;
    let browser = signed_in(&app, "admin").await;
    let read = async || {
        let mut read = Vec::new();
        for page in ["/me", "/session", "/handle", "/times", "/debug", "/admin"] {
            let answer = browser.get(page).await;
            assert_eq!(answer.code(), 200, "{page}");
            let sent = answer.set_cookie(COOKIE).and_then(|cookie| cookie.max_age());
            read.push((answer.body, sent));
        }
        read
    };
    app.clock.advance(HOUR / 2 - SECOND);
    let early = read().await;
    assert!(early.iter().all(|(_, cookie)| cookie.is_none()), "{early:?}");
    app.clock.advance(SECOND);
    let late = read().await;
    assert_eq!(late[0].1, Some(3600));
    assert!(late[1..].iter().all(|(_, cookie)| cookie.is_none()), "{late:?}");
    assert!(early.iter().zip(&late).all(|(early, late)| early.0 == late.0), "{early:?} {late:?}");
    app.clock.advance(HOUR - SECOND);
    assert!(lives(&browser).await);
}

/// L-06: one use may be forgotten, since a cookie is sent past half of the idle time alone.
#[rocket::async_test]
async fn l_06_a_sealed_session_ends_at_most_half_of_idle_early_and_never_late() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for used in [HOUR / 2 - SECOND, HOUR / 2] {
        let (copy, late) = (browser.copy(), browser.copy());
        app.clock.advance(used);
        assert!(lives(&copy).await);
        app.clock.advance(HOUR / 2 - SECOND);
        assert!(lives(&copy.copy()).await, "half of idle after a use");
        app.clock.advance(HOUR);
        assert!(!lives(&copy).await && !lives(&late).await);
        browser.post("/login/7/member").await;
    }
}

/// L-08
#[rocket::async_test]
async fn l_08_a_sealed_session_outlives_the_browser_only_if_it_is_remembered() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    for page in ["/theme/dark", "/rotate", "/role/admin", "/authenticate"] {
        let cookie = browser.post(page).await.set_cookie(COOKIE).unwrap();
        assert!(!cookie.has("Max-Age") && !cookie.has("Expires"), "{page}");
    }
    for page in ["/ttl/604800", "/theme/blue", "/rotate", "/role/member", "/authenticate"] {
        let cookie = browser.post(page).await.set_cookie(COOKIE).unwrap();
        assert_eq!(cookie.max_age(), Some(604_800), "{page}");
    }
    let anew = browser.post("/login/7/member").await.set_cookie(COOKIE).unwrap();
    assert!(!anew.has("Max-Age"), "what is remembered ends with the session");
}
