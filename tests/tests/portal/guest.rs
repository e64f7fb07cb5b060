//! The second session type.

use serde_json::json;

use crate::browser::Portal;

#[rocket::async_test]
async fn hits_are_counted_from_nothing() {
    let portal = Portal::launch().await;
    let visitor = portal.browser();
    let look = visitor.get("/api/guest").await;
    assert_eq!((look.json(), look.set_cookies().len()), (json!({ "hits": 0 }), 0));
    for hits in 1..=3 {
        assert_eq!(visitor.post("/api/guest/hit", "").await.json(), json!({ "hits": hits }));
    }
    assert_eq!(visitor.get("/api/guest").await.json(), json!({ "hits": 3 }));
}

#[rocket::async_test]
async fn the_guest_and_the_user_have_cookies_and_lives_of_their_own() {
    let portal = Portal::launch().await;
    let browser = portal.browser();
    browser.post("/api/guest/hit", "").await;
    let guest = browser.cookie("__Host-guest");
    assert!(guest.is_some() && browser.cookie("__Host-session").is_none());
    browser.sign_in("ada").await;
    assert_eq!(browser.cookie("__Host-guest"), guest);
    browser.post("/logout", "").await.leads_to("/");
    assert_eq!(browser.get("/api/guest").await.json(), json!({ "hits": 1 }));
}
