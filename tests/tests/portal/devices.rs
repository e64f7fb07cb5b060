//! Signing out on other devices.

use serde_json::{Value, json};

use crate::browser::{Browser, Portal};

async fn devices(browser: &Browser<'_>) -> Vec<Value> {
    browser.get("/api/devices").await.json().as_array().unwrap().clone()
}

async fn handle(browser: &Browser<'_>) -> String {
    let current = devices(browser).await.into_iter().find(|device| device["current"] == true).unwrap();
    current["handle"].as_str().unwrap().to_owned()
}

#[rocket::async_test]
async fn every_device_is_listed_and_one_is_the_current() {
    let portal = Portal::launch().await;
    let laptop = portal.signed_in("ada").await;
    let mut phone = portal.browser();
    phone.agent = "Phone/1.0";
    phone.sign_in("ada").await;
    portal.signed_in("bob").await;

    let list = devices(&phone).await;
    assert_eq!(list.len(), 2);
    let mine: Vec<_> = list.iter().filter(|device| device["current"] == true).collect();
    assert_eq!((mine.len(), &mine[0]["agent"]), (1, &json!("Phone/1.0")));
    let keys: Vec<_> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["agent", "created_at", "current", "handle", "ip", "seen_at"]);
    let created = list[0]["created_at"].as_str().unwrap();
    assert!(created.len() == 20 && created.ends_with('Z'), "{created}");
    assert!(!laptop.get("/devices").await.body.contains(&laptop.cookie("__Host-session").unwrap()));
}

#[rocket::async_test]
async fn a_handle_outlives_a_rotation() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let before = handle(&ada).await;
    ada.post("/api/reauthenticate", "password=ada").await.is_empty();
    assert_eq!(handle(&ada).await, before);
}

#[rocket::async_test]
async fn one_device_is_signed_out() {
    let portal = Portal::launch().await;
    let (laptop, phone) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    let form = format!("handle={}", handle(&laptop).await);
    phone.post("/api/devices/end", &form).await.is_empty();
    laptop.get("/api/me").await.is_error(401, "missing");
    phone.post("/api/devices/end", &form).await.is_error(404, "not_found");
}

#[rocket::async_test]
async fn the_device_of_another_and_an_unknown_one_look_alike() {
    let portal = Portal::launch().await;
    let (ada, bob) = (portal.signed_in("ada").await, portal.signed_in("bob").await);
    let foreign = format!("handle={}", handle(&ada).await);
    for form in [&*foreign, "handle=nonsense", "handle="] {
        bob.post("/api/devices/end", form).await.is_error(404, "not_found");
    }
    assert_eq!(ada.me().await["name"], "ada");
}

#[rocket::async_test]
async fn all_others_are_signed_out() {
    let portal = Portal::launch().await;
    let ada = portal.signed_in("ada").await;
    let others = [portal.signed_in("ada").await, portal.signed_in("ada").await];
    let bob = portal.signed_in("bob").await;
    assert_eq!(ada.post("/api/devices/end-others", "").await.json(), json!({ "ended": 2 }));
    for other in &others {
        other.get("/api/me").await.is_error(401, "missing");
    }
    assert_eq!((ada.get("/api/me").await.status, bob.get("/api/me").await.status), (200, 200));
}

#[rocket::async_test]
async fn all_are_signed_out() {
    let portal = Portal::launch().await;
    let (ada, other) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    assert_eq!(ada.post("/api/devices/end-all", "").await.json(), json!({ "ended": 2 }));
    assert_eq!(ada.cookie("__Host-session"), None);
    other.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn the_page_ends_devices_too() {
    let portal = Portal::launch().await;
    let (laptop, phone) = (portal.signed_in("ada").await, portal.signed_in("ada").await);
    phone.get("/devices").await.is_page(200, "Firefox on Linux");
    phone.post("/devices/end", &format!("handle={}", handle(&laptop).await)).await.leads_to("/devices");
    phone.get("/devices").await.is_page(200, "The device is signed out.");
    laptop.get("/devices").await.is_page(401, "Sign in to see this page.");

    laptop.sign_in("ada").await;
    phone.post("/devices/end-others", "").await.leads_to("/devices");
    phone.get("/devices").await.is_page(200, "Other devices signed out: 1.");
    phone.post("/devices/end-all", "").await.leads_to("/");
    phone.get("/devices").await.is_page(401, "Sign in to see this page.");
}
