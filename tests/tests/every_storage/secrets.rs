//! What somebody learns who gets hold of a storage.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Browser, on_every_storage};

use crate::{HOUR, assert_alive, assert_dead, site_on};

const NAME: &str = "__Host-session";

on_every_storage! {
    stored:
    t_04_no_token_is_stored_in_any_form
    t_04_what_is_stored_is_no_credential
}

fn holds(dump: &[u8], part: &[u8]) -> bool {
    dump.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// Returns the forms in which somebody may look for a token.
fn forms(browser: &Browser<'_>) -> Vec<Vec<u8>> {
    let token = browser.token();
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![token.into_bytes(), STANDARD.encode(&bytes).into_bytes(), hex.into_bytes(), bytes]
}

async fn t_04_no_token_is_stored_in_any_form(place: &dyn Place) {
    let site = site_on(place).users(|config| config.renew = Some(HOUR / 2)).open().await;
    let browser = site.member(7).await;
    let mut forms_of_all = forms(&browser);
    for path in ["/role/admin", "/identify/8", "/rotate"] {
        assert_eq!(browser.post(path).await.cookies.len(), 1);
        forms_of_all.extend(forms(&browser));
    }
    site.clock.advance(HOUR / 2);
    let pending = browser.copy();
    assert_eq!(pending.post("/theme/seen-in-the-dump").await.cookies.len(), 1);
    forms_of_all.extend(forms(&pending));
    let dump = place.dump().await;
    assert!(holds(&dump, b"seen-in-the-dump"), "the dump is one");
    for form in forms_of_all {
        assert!(!holds(&dump, &form), "{}", String::from_utf8_lossy(&form));
    }
    assert_alive(&pending).await;
}

/// Everything of the length of a token that is stored, shown as a cookie.
async fn t_04_what_is_stored_is_no_credential(place: &dyn Place) {
    let site = site_on(place).open().await;
    let browser = site.member(7).await;
    assert_eq!(browser.post("/rotate").await.code(), 200);
    let dump = place.dump().await;
    let thief = site.browser();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || [b'-', b'_', b'='].contains(byte);
    for part in dump.split(|byte| !word(byte)).filter(|part| part.len() > 20) {
        thief.set_cookie(NAME, std::str::from_utf8(part).unwrap());
        assert_dead(&thief).await;
    }
    for part in dump.split(|byte| *byte == b'\n').filter(|part| (16..=64).contains(&part.len())) {
        thief.set_cookie(NAME, &URL_SAFE_NO_PAD.encode(part));
        assert_dead(&thief).await;
    }
}
