//! Changing the password.

use std::time::Duration;

use crate::browser::Portal;

#[rocket::async_test]
async fn a_changed_password_signs_out_everywhere_else() {
    let portal = Portal::launch().await;
    let (laptop, phone) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    let (before, thief) = (laptop.cookie("__Host-session"), laptop.copy());
    laptop.post("/password", "old=ada&new=lovelace").await.leads_to("/profile");
    laptop.get("/profile").await.is_page(200, "Your password is changed. Other devices signed out: 1.");
    assert_ne!(laptop.cookie("__Host-session"), before);
    phone.get("/api/me").await.is_error(401, "missing");
    thief.get("/api/me").await.is_error(401, "missing");

    portal.clock.advance(Duration::from_mins(5));
    assert_eq!(laptop.me().await["name"], "ada");
    assert_eq!(phone.post("/login", "name=ada&password=ada").await.status, 401);
    phone.post("/login", "name=ada&password=lovelace").await.leads_to("/");
    assert_eq!(phone.me().await["name"], "ada");
}

#[rocket::async_test]
async fn the_wrong_password_changes_nothing() {
    let portal = Portal::launch().await;
    let (laptop, phone) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    laptop.post("/password", "old=wrong&new=lovelace").await.leads_to("/profile");
    laptop.get("/profile").await.is_page(200, "This is not your password; nothing is changed.");
    assert_eq!(laptop.post("/password", "old=ada&new=").await.status, 422);
    assert_eq!(phone.me().await["name"], "ada");
    laptop.sign_in("ada").await;
}
