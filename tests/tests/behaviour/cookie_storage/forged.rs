//! What clients make up, keep and change.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket::http::Method;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{EventKind, RefusedCookie, Secret};
use rocket_typed_session_tests::App;

use super::{COOKIE, Guest, User, app, builder, pages, signed_in};
use crate::forged::{changed, refusal, unsealed};

async fn is_refused(app: &App, value: &str) -> RefusedCookie {
    refusal(app.browser(), || app.events(), value).await
}

/// T-07
#[rocket::async_test]
async fn t_07_nothing_of_a_session_can_be_read_in_its_cookie() {
    let app = app().await;
    let browser = signed_in(&app, "administrator").await;
    let (one, two) = (browser.token(), signed_in(&app, "administrator").await.token());
    let wire = BASE64.decode(&one).unwrap();
    let hex: String = wire.iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in ["administrator", "+41 44 668", "light", "theme", "phone"] {
        let bytes = secret.as_bytes();
        assert!(!wire.windows(bytes.len()).any(|window| window == bytes), "{secret}");
        let in_hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!one.contains(secret) && !hex.contains(&in_hex) && !one.contains(&BASE64.encode(secret)), "{secret}");
    }
    assert_ne!(one, two);
    assert_eq!(wire[..5], BASE64.decode(&two).unwrap()[..5], "only version and key id are alike");
}

/// Behaviour 14, F-10
#[rocket::async_test]
async fn f_10_a_change_to_any_byte_is_no_session() {
    let app = app().await;
    for (value, refused) in changed(&signed_in(&app, "member").await.token()) {
        assert_eq!(is_refused(&app, &value).await, refused, "{value:.40}");
    }
}

/// F-10, F-14
#[rocket::async_test]
async fn f_10_truncated_padded_and_overlong_cookies_are_no_session() {
    let app = app().await;
    let value = signed_in(&app, "member").await.token();
    for length in (0..value.len()).step_by(7) {
        is_refused(&app, &value[..length]).await;
    }
    for value in
        [format!("{value}A"), format!("{value}="), format!("{value}{value}"), "A".repeat(4096), "A".repeat(200_000)]
    {
        is_refused(&app, &value).await;
    }
}

/// Behaviours 13 and 14, F-10, T-03
#[rocket::async_test]
async fn f_10_what_was_never_sealed_is_no_session() {
    let app = app().await;
    let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
    let sealed = signed_in(&app, "member").await.token();
    for value in unsealed(&sealed).into_iter().chain([BASE64.encode(&deep), deep, "../../etc".into()]) {
        is_refused(&app, &value).await;
    }
}

/// F-10: of another cookie, another session type, another purpose.
#[rocket::async_test]
async fn f_10_what_was_sealed_for_something_else_is_no_session() {
    let app = app().await;
    let guest = app.browser();
    guest.post("/guest/a/1").await;
    is_refused(&app, &guest.cookie("__Host-guest").unwrap()).await;
    let tokens = App::builder().sessions::<User>(MemoryStorage::new()).sessions::<Guest>(CookieStorage::new());
    let tokens = tokens.mount(pages::routes()).open().await;
    let token = signed_in(&tokens, "member").await.token();
    assert_eq!(is_refused(&app, &token).await, RefusedCookie::UnknownKey, "a token");
    let record = signed_in(&app, "member").await.token();
    let browser = tokens.browser();
    browser.set_cookie(COOKIE, &record);
    assert_eq!(browser.get("/session").await.body, "nobody", "a record in the place of a token");
}

/// C-09
#[rocket::async_test]
async fn c_09_two_cookies_that_open_are_no_session() {
    let app = app().await;
    let (one, two) = (signed_in(&app, "member").await.token(), signed_in(&app, "admin").await.token());
    app.events();
    let browser = app.browser();
    let browser = &browser;
    let sent = |cookies: String| async move { browser.send(Method::Get, "/session", &[("Cookie", &cookies)]).await };
    let both = sent(format!("{COOKIE}={one}; {COOKIE}={two}")).await;
    assert_eq!((both.body.as_str(), both.cookies.len()), ("nobody", 0));
    assert_eq!(app.events()[0].kind, EventKind::Refused(RefusedCookie::Ambiguous));
    assert_eq!(sent(format!("{COOKIE}=junk; {COOKIE}={one}; {COOKIE}={one}")).await.body, "light");
    let many = format!("{COOKIE}=1; {COOKIE}=2; {COOKIE}=3; {COOKIE}=4; {COOKIE}={one}");
    assert_eq!(sent(many).await.body, "nobody");
}

/// F-09: three restarts with a ring of keys that moves on.
#[rocket::async_test]
async fn f_09_previous_keys_open_until_they_are_retired_and_writes_take_the_new_one() {
    const KEYS: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];
    async fn keyed(current: usize, previous: &[usize]) -> App {
        let secret = |key: &usize| Secret::from_bytes(KEYS[*key]).unwrap();
        let built = builder(|config| config.previous_keys = previous.iter().map(secret).collect());
        built.rocket("secret_key", KEYS[current].to_vec()).open().await
    }
    let first = keyed(0, &[]).await;
    let reader = signed_in(&first, "member").await;
    let writer = reader.copy();
    let second = keyed(1, &[0]).await;
    let (reader, writer) = (reader.visiting(second.client()), writer.visiting(second.client()));
    assert_eq!(reader.get("/session").await.body, "light");
    assert_eq!(writer.post("/theme/dark").await.cookies.len(), 1);
    let third = keyed(2, &[1]).await;
    let (reader, writer) = (reader.visiting(third.client()), writer.visiting(third.client()));
    let retired = reader.get("/session").await;
    assert_eq!((retired.code(), retired.body.as_str(), retired.cookies.len()), (200, "nobody", 0));
    assert_eq!(writer.get("/session").await.body, "dark");
}
