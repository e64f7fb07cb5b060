//! What is shown to nobody.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket::http::Method;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation};
use rocket_typed_session_tests::{Answer, credentials};

use super::{app, revoking_in, signed_in};

/// Every page that a user may visit and stay signed in.
const PAGES: [(Method, &str); 18] = [
    (Method::Get, "/me"),
    (Method::Get, "/session"),
    (Method::Get, "/handle"),
    (Method::Get, "/times"),
    (Method::Get, "/debug"),
    (Method::Get, "/admin"),
    (Method::Get, "/vault"),
    (Method::Get, "/notice"),
    (Method::Get, "/nowhere"),
    (Method::Get, "/stream/night"),
    (Method::Post, "/theme/dark"),
    (Method::Post, "/redirect/blue"),
    (Method::Post, "/role/admin"),
    (Method::Post, "/rotate"),
    (Method::Post, "/authenticate"),
    (Method::Post, "/large/5120"),
    (Method::Post, "/fail/500/red"),
    (Method::Post, "/restart/7"),
];

/// T-05
#[rocket::async_test]
async fn t_05_a_sealed_session_stands_in_its_cookie_alone() {
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let (mut cookies, mut answers) = (HashSet::from([browser.token()]), Vec::new());
    for (method, page) in PAGES {
        answers.push(browser.send(method, page, &[]).await);
        cookies.insert(browser.token());
    }
    assert_eq!(cookies.len(), 7, "one for each change");
    for answer in &answers {
        credentials::assert_absent(cookies.iter().map(String::as_str), &answer.visible());
    }
    assert!(answers[4].body.contains("Session"), "{}", answers[4].body);
    assert_eq!(answers[11].header("Location").as_deref(), Some("/me"));
    credentials::assert_absent(cookies.iter().map(String::as_str), &format!("{:?}", app.events()));
}

/// F-08: revocations that fail, and a session that no cookie can hold.
#[rocket::async_test]
async fn f_08_a_client_is_not_told_what_failed_of_a_sealed_session() {
    let faults = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = revoking_in(faults.clone()).await;
    let browser = signed_in(&app, "member").await;
    let unavailable = browser.post("/fail/503/x").await.body;
    let assert_generic = |answer: Answer, code: u16, body: &str| {
        assert_eq!((answer.code(), answer.body.as_str()), (code, body));
        for told in ["fault", "storage", "4096", "revocation"] {
            assert!(!answer.visible().contains(told), "{answer:?}");
        }
    };
    assert_generic(browser.post("/large/5120").await, 500, "");
    for (operation, page, body) in [
        (Operation::Load, "/theme/dark", &*unavailable),
        (Operation::Create, "/login/8/member", ""),
        (Operation::Create, "/logout", ""),
    ] {
        faults.fail(operation, Fault::Before);
        assert_generic(browser.copy().post(page).await, 503, body);
        faults.clear();
    }
}

/// F-11: of one session, which is sealed again and again as it is.
#[rocket::async_test]
async fn f_11_no_two_cookies_have_a_nonce_in_common() {
    const SEALS: usize = 1_000;
    let app = app().await;
    let browser = signed_in(&app, "member").await;
    let (mut nonces, mut sealed) = (HashSet::new(), HashSet::new());
    for _ in 0..SEALS {
        let copy = browser.copy();
        copy.post("/theme/dark").await;
        let wire = BASE64.decode(copy.token()).unwrap();
        nonces.insert(wire[5..29].to_vec());
        sealed.insert(wire[29..].to_vec());
    }
    assert_eq!((nonces.len(), sealed.len()), (SEALS, SEALS));
}
