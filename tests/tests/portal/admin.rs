//! What an administrator sees and does.

use crate::browser::Portal;

#[rocket::async_test]
async fn an_administrator_sees_how_many_sessions_each_has() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    portal.signed_in("bob").await;
    portal.signed_in("bob").await;
    let page = ada.get("/admin").await;
    page.is_page(200, "2 sessions");
    page.is_page(200, "1 session<");
    page.is_page(200, "not signed in");
}

#[rocket::async_test]
async fn an_administrator_ends_all_sessions_of_one() {
    let portal = Portal::launch().await;
    let (ada, bob, eve) = (portal.signed_in("ada").await, portal.signed_in("bob").await, portal.signed_in("eve").await);
    eve.post("/admin/end-all", "id=2").await.is_page(403, "This page is for administrators.");
    ada.post("/admin/end-all", "id=2").await.leads_to("/admin");
    ada.get("/admin").await.is_page(200, "Sessions ended: 1.");
    bob.get("/api/me").await.is_error(401, "missing");
    assert_eq!(eve.get("/api/me").await.status, 200);
}

#[rocket::async_test]
async fn a_new_role_opens_and_closes_the_administration() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    bob.post("/role", "role=admin").await.leads_to("/profile");
    bob.get("/admin").await.is_page(200, "Administration");
    bob.post("/role", "role=member").await.leads_to("/profile");
    bob.get("/admin").await.is_page(403, "Not for you");
}
