//! The JSON routes that read and edit the session.

use serde_json::json;

use crate::browser::Portal;

#[rocket::async_test]
async fn me_has_exactly_the_fields_of_the_contract() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    ada.post("/api/cart", "product=7&quantity=2").await.is_empty();
    let me = json!({
        "id": 1, "name": "ada", "role": "admin", "theme": "system", "language": "en", "visits": 0, "cart": { "7": 2 },
        "notice": null
    });
    assert_eq!(ada.me().await, me);
}

#[rocket::async_test]
async fn the_three_users_have_their_roles() {
    let portal = Portal::launch().await;
    for (name, id, role) in [("ada", 1, "admin"), ("bob", 2, "member"), ("eve", 3, "member")] {
        let me = portal.signed_in(name).await.me().await;
        assert_eq!((&me["id"], &me["name"], &me["role"]), (&json!(id), &json!(name), &json!(role)));
    }
}

#[rocket::async_test]
async fn theme_and_language_are_fields_of_their_own() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/theme", "theme=dark").await.is_empty();
    bob.post("/api/language", "language=de").await.is_empty();
    let me = bob.me().await;
    assert_eq!((&me["theme"], &me["language"]), (&json!("dark"), &json!("de")));
}

#[rocket::async_test]
async fn visits_are_added() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    for _ in 0..3 {
        bob.post("/api/visit", "").await.is_empty();
    }
    assert_eq!(bob.me().await["visits"], 3);
}

#[rocket::async_test]
async fn the_cart_sets_and_removes_single_entries() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    for (product, quantity) in [(7, 2), (5, 1), (7, 3), (5, 0), (99, 0)] {
        bob.post("/api/cart", &format!("product={product}&quantity={quantity}")).await.is_empty();
    }
    assert_eq!(bob.me().await["cart"], json!({ "7": 3 }));
}

#[rocket::async_test]
async fn a_nickname_is_set_and_shown() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/nickname", "nickname=Bobby").await.is_empty();
    bob.get("/").await.is_page(200, "Bobby");
    assert!(bob.me().await.get("nickname").is_none());
}

#[rocket::async_test]
async fn a_notice_is_shown_once() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/notice", "text=well+done").await.is_empty();
    assert_eq!(bob.me().await["notice"], "well done");
    assert_eq!(bob.me().await["notice"], json!(null));
}

#[rocket::async_test]
async fn a_notice_is_shown_once_on_a_page_too() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/notice", "text=%3Cb%3Ewell+done").await.is_empty();
    bob.get("/").await.is_page(200, "&#60;b&#62;well done");
    assert!(!bob.get("/").await.body.contains("well done"));
}

#[rocket::async_test]
async fn a_client_error_keeps_the_change_and_a_server_error_does_not() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/fail/theme", "theme=dark&status=404").await.is_error(404, "not_found");
    assert_eq!(bob.me().await["theme"], "dark");
    bob.post("/api/fail/theme", "theme=sepia&status=500").await.is_error(500, "internal_server_error");
    bob.post("/api/fail/theme", "theme=sepia&status=599").await;
    assert_eq!(bob.me().await["theme"], "dark");
}

#[rocket::async_test]
async fn a_panic_keeps_nothing_and_signs_nobody_out() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/panic/theme", "theme=dark").await.is_error(500, "internal_server_error");
    assert_eq!(bob.me().await["theme"], "system");
}

#[rocket::async_test]
async fn a_slow_request_sets_the_theme_in_the_end() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/api/slow/theme", "theme=dark&ms=1").await.is_empty();
    assert_eq!(bob.me().await["theme"], "dark");
}

#[rocket::async_test]
async fn public_touches_no_session() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let answer = bob.get("/api/public").await;
    assert_eq!((answer.status, answer.header("Vary"), answer.set_cookies().len()), (200, None, 0));
}
