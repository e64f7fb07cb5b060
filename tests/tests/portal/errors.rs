//! Every error, as programs get it and as people do.

use std::time::Duration;

use crate::browser::Portal;

const MINUTE: Duration = Duration::from_mins(1);

#[rocket::async_test]
async fn without_a_session_every_route_is_missing_one() {
    let portal = Portal::launch().await;
    let nobody = portal.browser();
    for path in ["me", "admin", "vault", "devices"] {
        nobody.get(&format!("/api/{path}")).await.is_error(401, "missing");
    }
    for path in [
        "theme",
        "language",
        "visit",
        "cart",
        "nickname",
        "slow/theme",
        "fail/theme",
        "panic/theme",
        "role",
        "notice",
        "reauthenticate",
        "devices/end-others",
        "devices/end-all",
    ] {
        nobody.post(&format!("/api/{path}"), "").await.is_error(401, "missing");
    }
}

#[rocket::async_test]
async fn a_member_is_forbidden_what_an_admin_may() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.get("/api/admin").await.is_error(403, "forbidden");
    bob.get("/api/vault").await.is_error(403, "forbidden");
    bob.get("/admin").await.is_page(403, "This page is for administrators.");
}

#[rocket::async_test]
async fn a_sign_in_of_a_while_ago_is_stale_until_the_password_is_given_again() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    assert_eq!(ada.get("/api/vault").await.status, 200);
    portal.clock.advance(16 * MINUTE);
    ada.get("/api/vault").await.is_error(401, "stale");
    ada.get("/vault").await.is_page(401, "Your password, again");
    assert_eq!(ada.get("/api/admin").await.status, 200);

    ada.post("/api/reauthenticate", "password=bob").await.is_error(403, "forbidden");
    ada.get("/api/vault").await.is_error(401, "stale");
    ada.post("/api/reauthenticate", "password=ada").await.is_empty();
    assert_eq!(ada.get("/api/vault").await.status, 200);
}

#[rocket::async_test]
async fn a_form_of_another_site_is_refused() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.forged("/api/theme", "theme=dark").await.is_error(403, "cross_site");
    bob.forged("/theme", "theme=dark").await.is_page(403, "Another site tried to do this in your name");
    assert_eq!(bob.me().await["theme"], "system");
}

#[rocket::async_test]
async fn input_that_does_not_fit_is_invalid() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    for (path, form) in [
        ("theme", ""),
        ("theme", "colour=dark"),
        ("language", ""),
        ("nickname", ""),
        ("notice", ""),
        ("cart", "product=7"),
        ("cart", "product=seven&quantity=2"),
        ("cart", "product=7&quantity=-1"),
        ("slow/theme", "theme=dark&ms=5001"),
        ("slow/theme", "theme=dark"),
        ("fail/theme", "theme=dark&status=399"),
        ("fail/theme", "theme=dark&status=600"),
        ("role", "role=emperor"),
        ("reauthenticate", ""),
        ("devices/end", ""),
    ] {
        bob.post(&format!("/api/{path}"), form).await.is_error(422, "invalid");
    }
    let long = format!("theme={}", "x".repeat(40_000));
    bob.post("/api/theme", &long).await.is_error(422, "invalid");
    bob.post_json("/api/theme", "{\"theme\":\"dark\"}").await.is_error(422, "invalid");
    assert_eq!(bob.me().await["theme"], "system");
}

#[rocket::async_test]
async fn what_is_not_there_is_not_found() {
    let portal = Portal::launch().await;
    let nobody = portal.browser();
    nobody.get("/nowhere").await.is_page(404, "Nothing here");
    nobody.get("/api/nowhere").await.is_error(404, "not_found");
}

#[rocket::async_test]
async fn a_page_asks_whoever_is_not_signed_in_to_do_so() {
    let portal = Portal::launch().await;
    let nobody = portal.browser();
    for path in ["/profile", "/theme", "/cart", "/devices", "/admin", "/vault"] {
        nobody.get(path).await.is_page(401, "Sign in to see this page.");
    }
    nobody.get("/").await.leads_to("/login");
}
