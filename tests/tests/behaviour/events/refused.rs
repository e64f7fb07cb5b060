//! What is told of cookies that are refused.

use super::*;
use crate::forged::changed;

/// no session is known, but where the cookie comes from is.
#[rocket::async_test]
async fn a_16_every_refused_cookie_is_told() {
    let site = Site::open().await;
    let (browser, other) = (site.member(7).await, site.member(7).await.token());
    let moved = browser.token();
    browser.post("/role/member").await;
    let ended = browser.token();
    browser.post("/logout").await;
    for (reason, cookies) in [
        (RefusedCookie::Malformed, "nonsense".into()),
        (RefusedCookie::UnknownKey, changed(&other).nth(1).unwrap().0),
        (RefusedCookie::Forged, changed(&other).nth(5).unwrap().0),
        (RefusedCookie::Ambiguous, format!("{ended}; {COOKIE}={other}")),
        (RefusedCookie::NoSession, ended.clone()),
        (RefusedCookie::Moved, moved),
    ] {
        later(&site);
        let cookies = format!("{COOKIE}={cookies}");
        let answer = site.browser().send(Get, "/me", &[("X-Real-IP", IP), ("Cookie", &cookies)]).await;
        assert_eq!(answer.code(), 401, "{reason:?}");
        assert_eq!(site.told(), [Told::new(EventKind::Refused(reason), site.clock.now()).from_ip(IP)]);
    }
}

///
#[rocket::async_test]
async fn a_16_a_request_of_another_origin_is_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    later(&site);
    let answer = browser.send(Post, "/theme/dark", &[("X-Real-IP", IP), ("Origin", "https://evil.example")]).await;
    assert_eq!(answer.code(), 403);
    let refused = EventKind::Refused(RefusedCookie::CrossSite);
    assert_eq!(site.told(), [Told::new(refused, site.clock.now()).from_ip(IP)]);
}

/// Whoever made the request chose it.
#[rocket::async_test]
async fn a_sign_in_of_another_origin_is_told_with_the_identifier_that_it_names() {
    let site = Site::open().await;
    let headers = [("X-Real-IP", IP), ("Origin", "https://evil.example")];
    let answer = site.browser().send(Post, "/login/7/member", &headers).await;
    assert_eq!(answer.code(), 403);
    let refused = EventKind::Refused(RefusedCookie::CrossSite);
    assert_eq!(site.told(), [Told::new(refused, site.clock.now()).whose("7").from_ip(IP)]);
}
