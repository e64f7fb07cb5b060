//! Cookies that clients make up and change, whatever they hold.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket_typed_session::{Event, EventKind, RefusedCookie};
use rocket_typed_session_tests::{Browser, Site};

const COOKIE: &str = "__Host-session";

/// What is plain, and would be somebody's session if it were sealed.
pub const JSON: &str = r#"{"id":7,"role":"admin","theme":"dark","notice":null,"phone":""}"#;

/// Asserts that a cookie is no session and harms nobody, and returns why it was refused.
pub async fn refusal(browser: Browser<'_>, events: impl Fn() -> Vec<Event>, value: &str) -> RefusedCookie {
    events();
    browser.set_cookie(COOKIE, value);
    let (session, required) = (browser.get("/session").await, browser.get("/me").await);
    assert_eq!((session.code(), session.body.as_str(), required.code()), (200, "nobody", 401), "{value:.40}");
    assert!(session.cookies.is_empty() && required.cookies.is_empty());
    match events()[..] {
        [Event { kind: EventKind::Refused(one), .. }, Event { kind: EventKind::Refused(two), .. }] if one == two => one,
        ref events => panic!("two refusals: {events:?}"),
    }
}

/// Returns a cookie with each of its bytes changed, and why it is refused then.
pub fn changed(cookie: &str) -> impl Iterator<Item = (String, RefusedCookie)> {
    let wire = BASE64.decode(cookie).unwrap();
    (0..wire.len()).map(move |at| {
        let mut changed = wire.clone();
        changed[at] ^= 1;
        let refused = match at {
            0 => RefusedCookie::Malformed,
            1..5 => RefusedCookie::UnknownKey,
            _ => RefusedCookie::Forged,
        };
        (BASE64.encode(changed), refused)
    })
}

/// Returns what was never sealed, plain and in the form of a cookie.
pub fn unsealed(cookie: &str) -> Vec<String> {
    let mut headed = BASE64.decode(cookie).unwrap();
    headed.truncate(29);
    headed.extend(JSON.as_bytes());
    vec![JSON.to_owned(), BASE64.encode(JSON), BASE64.encode(headed)]
}

/// Tries a cookie at a site, which must not ask its storage.
async fn tried(site: &Site, value: &str) -> RefusedCookie {
    site.storage.clear();
    let refused = refusal(site.browser(), || site.events(), value).await;
    assert!(site.storage.calls().is_empty(), "{value:.40}: {:?}", site.storage.calls());
    refused
}

#[rocket::async_test]
async fn f_10_a_token_with_any_byte_changed_is_no_session() {
    let site = Site::open().await;
    let token = site.member(7).await.token();
    for (value, refused) in changed(&token) {
        assert_eq!(tried(&site, &value).await, refused, "{value}");
    }
}

/// F-10: to a character that stands for other bits, and to one that stands for none.
#[rocket::async_test]
async fn f_10_a_token_with_any_character_changed_is_no_session() {
    let site = Site::open().await;
    let token = site.member(7).await.token();
    for (at, character) in token.char_indices() {
        let replaced = |with: &str| format!("{}{with}{}", &token[..at], &token[at + 1..]);
        tried(&site, &replaced(if character == 'A' { "B" } else { "A" })).await;
        assert_eq!(tried(&site, &replaced(".")).await, RefusedCookie::Malformed, "{at}");
    }
}

#[rocket::async_test]
async fn f_10_a_token_of_any_other_length_is_no_session() {
    let site = Site::open().await;
    let token = site.member(7).await.token();
    for length in 0..token.len() {
        assert_eq!(tried(&site, &token[..length]).await, RefusedCookie::Malformed, "{length}");
    }
    assert_eq!(tried(&site, &token.repeat(2)).await, RefusedCookie::Malformed);
}

#[rocket::async_test]
async fn f_10_what_is_no_token_of_these_sessions_is_no_session() {
    let site = Site::open().await;
    let guest = site.browser();
    guest.post("/guest/hit").await;
    assert_eq!(tried(&site, &guest.cookie("__Host-guest").unwrap()).await, RefusedCookie::Forged);
    for value in unsealed(&site.member(7).await.token()) {
        assert_eq!(tried(&site, &value).await, RefusedCookie::Malformed, "{value}");
    }
}
