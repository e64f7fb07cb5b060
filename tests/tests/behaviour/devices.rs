//! Where sessions are used from.

use std::time::Duration;

use rocket::http::Method;
use rocket_typed_session_tests::{Browser, Site, User};

type Headers<'h> = [(&'h str, &'h str); 2];

const LAPTOP: Headers<'_> = [("User-Agent", "Laptop/1.0"), ("X-Real-IP", "192.0.2.1")];
const PHONE: Headers<'_> = [("User-Agent", "Phone/1.0"), ("X-Real-IP", "2001:db8::7")];

/// Signs in, and returns the only session's address and agent.
async fn place(site: &Site) -> (Option<String>, Option<String>) {
    let entries = site.sessions::<User>().list(&7).await.unwrap();
    assert_eq!(entries.len(), 1);
    (entries[0].ip.map(|ip| ip.to_string()), entries[0].agent.clone())
}

async fn signed_in<'s>(site: &'s Site, headers: &[(&str, &str)]) -> Browser<'s> {
    let browser = site.browser();
    assert_eq!(browser.send(Method::Post, "/login/7/member", headers).await.code(), 200);
    browser
}

fn text(ip: &str, agent: &str) -> (Option<String>, Option<String>) {
    (Some(ip.into()), Some(agent.into()))
}

#[rocket::async_test]
async fn a_list_shows_where_a_session_was_used_last_and_since_when_it_is() {
    let site = Site::open().await;
    let browser = signed_in(&site, &LAPTOP).await;
    assert_eq!(place(&site).await, text("192.0.2.1", "Laptop/1.0"));
    site.clock.advance(Duration::from_mins(10));
    browser.send(Method::Get, "/me", &PHONE).await;
    assert_eq!(place(&site).await, text("2001:db8::7", "Phone/1.0"));
    let entry = site.sessions::<User>().list(&7).await.unwrap().remove(0);
    assert_eq!(entry.seen_at.duration_since(entry.created_at).unwrap(), Duration::from_mins(10));
}

/// Rocket's `ip_header` says which header a proxy writes the address to; of others nothing is believed.
#[rocket::async_test]
async fn the_address_is_that_of_the_configured_header() {
    let headers = [("X-Client", "192.0.2.1"), ("X-Real-IP", "192.0.2.2"), ("X-Forwarded-For", "192.0.2.3")];
    let site = Site::builder().rocket("ip_header", "X-Client").open().await;
    signed_in(&site, &headers).await;
    assert_eq!(place(&site).await.0.as_deref(), Some("192.0.2.1"));
    let site = Site::builder().rocket("ip_header", false).open().await;
    signed_in(&site, &headers).await;
    assert_eq!(place(&site).await.0, None);
}

/// What a client says of itself is what a thief says, too, and an honest one's address changes on the way.
#[rocket::async_test]
async fn another_address_or_agent_neither_binds_nor_refuses() {
    let site = Site::open().await;
    let browser = signed_in(&site, &LAPTOP).await;
    let token = browser.token();
    site.events();
    for headers in [&PHONE[..], &[], &LAPTOP[1..], &[("User-Agent", "")]] {
        assert_eq!(browser.send(Method::Get, "/me", headers).await.code(), 200, "{headers:?}");
        assert_eq!(browser.send(Method::Post, "/theme/dark", headers).await.code(), 200, "{headers:?}");
    }
    assert_eq!(browser.token(), token);
    assert!(site.events().is_empty());
}

#[rocket::async_test]
async fn an_agent_is_cut_where_a_letter_ends() {
    let site = Site::open().await;
    signed_in(&site, &[("User-Agent", &"é".repeat(3000)), ("X-Real-IP", "nonsense")]).await;
    assert_eq!(place(&site).await, (None, Some("é".repeat(128))));
}
