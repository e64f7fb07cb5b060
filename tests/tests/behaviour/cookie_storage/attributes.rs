//! What a browser is told of the cookie.

use std::time::Duration;

use rocket::http::SameSite;
use rocket_typed_session_tests::SetCookie;

use super::{COOKIE, app, builder, signed_in};

async fn set_by_signing_in(change: impl FnOnce(&mut rocket_typed_session::Config)) -> SetCookie {
    let app = builder(change).open().await;
    app.browser().post("/login/7/member").await.set_cookie(COOKIE).unwrap()
}

/// C-01: whatever it is sent for.
#[rocket::async_test]
async fn c_01_the_cookie_of_a_session_is_host_only_secure_and_closed_to_scripts() {
    let app = app().await;
    let browser = app.browser();
    let mut answers = Vec::new();
    for page in ["/login/7/member", "/theme/dark", "/rotate", "/role/admin", "/authenticate"] {
        answers.push(browser.post(page).await);
    }
    app.clock.advance(Duration::from_mins(30));
    answers.push(browser.get("/session").await);
    for answer in answers {
        let cookie = answer.set_cookie(COOKIE).unwrap();
        assert!(cookie.has("Secure") && cookie.has("HttpOnly"), "{cookie:?}");
        assert_eq!((cookie.attribute("Path"), cookie.attribute("SameSite")), (Some("/"), Some("Lax")));
        assert!(!["Domain", "Max-Age", "Expires", "Partitioned"].iter().any(|name| cookie.has(name)), "{cookie:?}");
    }
}

/// C-02
#[rocket::async_test]
async fn c_02_scripts_may_read_a_sealed_session_only_if_that_is_called_insecure() {
    assert!(!set_by_signing_in(|config| config.cookie.insecure_script_access = true).await.has("HttpOnly"));
    assert!(set_by_signing_in(|_| ()).await.has("HttpOnly"));
}

/// C-03
#[rocket::async_test]
async fn c_03_same_site_of_a_sealed_session_is_always_explicit() {
    for same_site in [SameSite::Lax, SameSite::Strict, SameSite::None] {
        let partitioned = same_site == SameSite::None;
        let cookie = set_by_signing_in(|config| {
            (config.cookie.same_site, config.cookie.partitioned) = (same_site, partitioned);
        });
        let cookie = cookie.await;
        assert_eq!(cookie.attribute("SameSite"), Some(same_site.to_string().as_str()));
        assert!(cookie.has("Secure") && cookie.has("Partitioned") == partitioned, "{cookie:?}");
    }
}

/// C-10
#[rocket::async_test]
async fn c_10_the_end_of_a_sealed_session_clears_site_data_if_configured() {
    let (plain, clearing) = (app().await, builder(|config| config.clear_site_data = true).open().await);
    for (app, cleared) in [(plain, None), (clearing, Some("\"cache\", \"storage\""))] {
        let browser = signed_in(&app, "member").await;
        for page in ["/theme/dark", "/rotate"] {
            assert_eq!(browser.post(page).await.header("Clear-Site-Data"), None, "{page}");
        }
        assert_eq!(browser.post("/logout").await.header("Clear-Site-Data").as_deref(), cleared);
        assert_eq!(app.browser().post("/logout").await.header("Clear-Site-Data"), None, "of nobody");
    }
}
