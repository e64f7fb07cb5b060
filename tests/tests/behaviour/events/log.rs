//! What is logged of events.

use super::*;

/// Comes with cookies that are none.
async fn flood(browser: &Browser<'_>, times: usize) {
    browser.set_cookie("__Host-session", "nonsense");
    for _ in 0..times {
        assert_eq!(browser.get("/me").await.code(), 401);
    }
}

fn refusals() -> Vec<String> {
    logs::take().lines().filter(|line| line.contains("was refused")).map(str::to_owned).collect()
}

/// Anybody could fill the disk otherwise. The function that is told is told of each.
#[rocket::async_test]
async fn refused_cookies_are_logged_ten_times_a_minute() {
    let site = Site::open().await;
    logs::take();
    flood(&site.browser(), 200).await;
    let lines = refusals();
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("WARN rocket_typed_session::event: ")), "{lines:?}");
    assert_eq!(site.event_kinds(), vec![EventKind::Refused(RefusedCookie::Malformed); 200]);

    site.browser().send(Post, "/theme/x", &[("Cookie", "__Host-session=x"), ("Origin", "null")]).await;
    assert!(refusals().concat().contains("`cross_site.trusted`"), "another reason is logged still");
    site.clock.advance(MINUTE);
    flood(&site.browser(), 20).await;
    let lines = refusals();
    assert_eq!(lines.len(), 10);
    assert!(lines[0].ends_with("190 before it are not in the log"), "{}", lines[0]);
}

/// What is too large is the client's doing, and may be as often as it likes.
#[rocket::async_test]
async fn what_can_not_be_stored_is_no_failure_of_the_storage() {
    let site = Site::builder().config(|config| config.max_size = 600.into()).open().await;
    let browser = site.member(7).await;
    site.events();
    logs::take();
    for _ in 0..30 {
        assert_eq!(browser.post(&format!("/theme/{}", "x".repeat(1000))).await.code(), 500);
    }
    assert_eq!(site.event_kinds(), []);
    let said = logs::take();
    assert_eq!(said.lines().filter(|line| line.contains("is larger than 600")).count(), 10, "{said}");
}
