//! What is told of sessions that live.

use super::*;

///
#[rocket::async_test]
async fn a_16_the_life_of_a_session_is_told() {
    let site = Site::builder().config(|config| config.renew = Some(15 * MINUTE)).open().await;
    let browser = site.browser();
    send(&browser, Post, "/login/7/member").await;
    let handle = browser.handle().await;
    assert_eq!(site.told(), [told(&site, EventKind::Created, handle, "7")]);
    for page in ["/rotate", "/authenticate", "/role/admin"] {
        later(&site);
        send(&browser, Post, page).await;
        assert_eq!(site.told(), [told(&site, EventKind::Rotated, handle, "7")], "{page}");
    }
    site.clock.advance(15 * MINUTE);
    send(&browser, Get, "/me").await;
    assert_eq!(site.told(), [told(&site, EventKind::Renewed, handle, "7")]);
    later(&site);
    send(&browser, Get, "/me").await;
    assert_eq!(site.told(), []);
    send(&browser, Post, "/edit-after-end").await;
    let ended = EventKind::Ended(EndedBy::Owner);
    assert_eq!(site.told(), [EventKind::EditIgnored, ended].map(|kind| told(&site, kind, handle, "7")));
}

/// a session that is given to somebody else has another name from then on.
#[rocket::async_test]
async fn a_16_a_rotation_to_another_identifier_is_told_of_the_new_one() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    later(&site);
    send(&browser, Post, "/identify/8").await;
    let handle = browser.handle().await;
    assert_eq!(site.told(), [told(&site, EventKind::Rotated, handle, "8")]);
}
