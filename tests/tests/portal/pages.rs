//! The pages, and the forms on them.

use std::time::Duration;

use crate::browser::Portal;

#[rocket::async_test]
async fn every_page_is_there_for_whom_it_is_for() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    for (path, heading) in [
        ("/", "ada</h1>"),
        ("/login", "<h1>Sign in</h1>"),
        ("/profile", "<h1>Profile</h1>"),
        ("/theme", "<h1>Theme</h1>"),
        ("/cart", "<h1>Cart</h1>"),
        ("/devices", "<h1>Devices</h1>"),
        ("/admin", "<h1>Administration</h1>"),
        ("/vault", "<h1>Vault</h1>"),
    ] {
        let answer = ada.get(path).await;
        answer.is_page(200, heading);
        assert!(answer.header("Content-Security-Policy").is_some_and(|policy| policy.contains("default-src 'none'")));
    }
    assert_eq!(ada.get("/style.css").await.header("Content-Type"), Some("text/css; charset=utf-8"));
    assert_eq!(ada.get("/icon.svg").await.header("Content-Type"), Some("image/svg+xml"));
}

#[rocket::async_test]
async fn the_navigation_offers_only_what_is_open() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    assert!(!bob.get("/").await.body.contains("href=\"/vault\""));
    assert!(portal.signed_in("ada").await.get("/").await.body.contains("href=\"/vault\""));
    assert!(!portal.browser().get("/login").await.body.contains("<nav"));
}

#[rocket::async_test]
async fn the_wrong_password_page_keeps_the_name_and_escapes_it() {
    let portal = Portal::launch().await;
    let answer = portal.browser().post("/login", "name=%22%3E%3Cscript%3E&password=x").await;
    answer.is_page(401, "value=\"&#34;&#62;&#60;script&#62;\"");
}

#[rocket::async_test]
async fn a_visit_is_counted_by_the_button_and_not_by_looking() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/visit", "").await.leads_to("/");
    bob.get("/").await.is_page(200, "id=\"count\">1<");
    bob.get("/").await.is_page(200, "id=\"count\">1<");
}

#[rocket::async_test]
async fn the_theme_changes_every_page() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.get("/").await.is_page(200, "<html lang=\"en\" data-theme=\"system\">");
    bob.post("/theme", "theme=dark").await.leads_to("/theme");
    for path in ["/", "/theme", "/cart"] {
        bob.get(path).await.is_page(200, "<html lang=\"en\" data-theme=\"dark\">");
    }
    bob.get("/admin").await.is_page(403, "<html lang=\"en\" data-theme=\"dark\">");
}

#[rocket::async_test]
async fn the_profile_is_edited() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/nickname", "nickname=+Bobby+").await.leads_to("/profile");
    bob.post("/language", "language=de").await.leads_to("/profile");
    let page = bob.get("/profile").await;
    page.is_page(200, "Your profile is saved.");
    page.is_page(200, "value=\"Bobby\"");
    page.is_page(200, "<option value=\"de\" lang=\"de\" selected>");
    bob.get("/").await.is_page(200, "<span lang=\"de\">Schön, dass du da bist</span>, Bobby");
    bob.post("/nickname", &format!("nickname={}", "x".repeat(41))).await.is_page(413, "That does not fit");
}

#[rocket::async_test]
async fn the_cart_adds_up() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/cart", "product=7&quantity=2").await.leads_to("/cart");
    bob.post("/cart", "product=3&quantity=1").await.leads_to("/cart");
    bob.get("/cart").await.is_page(200, "€ 42.00");
    bob.post("/cart", "product=7&quantity=0").await.leads_to("/cart");
    bob.get("/cart").await.is_page(200, "<strong>€ 12.50</strong>");
}

#[rocket::async_test]
async fn the_vault_asks_for_the_password_again_and_lets_in() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    ada.get("/vault").await.is_page(200, "within the last 15 minutes");
    portal.clock.advance(Duration::from_mins(16));
    ada.get("/vault").await.is_page(401, "action=\"/reauthenticate\"");
    ada.post("/reauthenticate", "password=wrong").await.is_page(403, "This is not your password.");
    ada.post("/reauthenticate", "password=ada").await.leads_to("/vault");
    ada.get("/vault").await.is_page(200, "within the last 15 minutes");
}
