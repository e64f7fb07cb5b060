//! The portal in Chromium: what no local client can tell, because the browser decides it.
//!
//! These tests need `chromium` and `chromedriver`, and fail without them. They are built with the feature `browser`:
//!
//! ```sh
//! cargo test -p rocket_typed_session_tests --features browser --test browser
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can not go on fails")]

mod chromium;
mod site;
mod stranger;

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::cookies::Cookie;

use crate::chromium::Driver;
use crate::site::Site;
use crate::stranger::Stranger;

#[rocket::async_test]
async fn the_browser_stores_the_cookie_as_it_was_meant() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let browser = driver.browser(&site).await;
    browser.sign_in("ada").await;

    let cookie = browser.cookie().await.expect("the browser kept the cookie");
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), Some("localhost")));
    assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
    assert_eq!(cookie.same_site().map(|site| site.to_string()), Some("Lax".to_owned()));
    assert_eq!(cookie.expires(), None);
    let seen = browser.page.execute("return document.cookie", vec![]).await.unwrap();
    assert_eq!(seen.as_str(), Some(""), "a script sees the cookie");

    browser.press("Sign out").await;
    assert!(browser.text().await.contains("Sign in"));
    assert!(browser.cookie().await.is_none());
    browser.close().await;
}

#[rocket::async_test]
async fn a_theme_changes_the_page() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let browser = driver.browser(&site).await;
    browser.sign_in("bob").await;

    browser.open("/theme").await;
    browser.press("Sepia").await;
    let sepia = browser.background().await;
    browser.press("Dark").await;
    let dark = browser.background().await;
    assert_eq!((&*sepia, &*dark), ("rgb(241, 230, 208)", "rgb(19, 21, 27)"));
    browser.open("/cart").await;
    assert_eq!(browser.background().await, dark);
    browser.close().await;
}

#[rocket::async_test]
async fn the_vault_asks_for_the_password_again() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let browser = driver.browser(&site).await;
    browser.sign_in("ada").await;
    let value = |cookie: Option<Cookie<'_>>| cookie.map(|cookie| cookie.value().to_owned());
    let before = value(browser.cookie().await);

    site.clock.advance(Duration::from_mins(16));
    browser.open("/vault").await;
    assert!(browser.text().await.contains("Your password, again"));
    browser.fill("password", "wrong").await;
    browser.press("Go on to the vault").await;
    assert!(browser.text().await.contains("This is not your password."));
    browser.fill("password", "ada").await;
    browser.press("Go on to the vault").await;
    assert!(browser.text().await.contains("Nobody gets here with a cookie alone"));
    assert_ne!(value(browser.cookie().await), before);
    browser.close().await;
}

#[rocket::async_test]
async fn a_form_of_another_origin_is_refused() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let stranger = Stranger::serve(site.address("/devices/end-all")).await;
    let browser = driver.browser(&site).await;
    browser.sign_in("ada").await;

    browser.page.goto(&stranger.address()).await.unwrap();
    browser.press("A kitten").await;
    assert!(browser.text().await.contains("Another site tried to do this in your name"));
    browser.open("/cart").await;
    assert!(browser.text().await.contains("Together"));
    browser.close().await;
}

#[rocket::async_test]
async fn one_device_signs_out_another() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let (laptop, phone) = (driver.browser(&site).await, driver.browser(&site).await);
    laptop.sign_in("ada").await;
    phone.sign_in("ada").await;

    phone.open("/devices").await;
    assert_eq!(phone.page.find_all(Locator::Css(".rows > li")).await.unwrap().len(), 2);
    phone.follow(Locator::Css(".rows button")).await;
    assert!(phone.text().await.contains("The device is signed out."));
    laptop.open("/cart").await;
    assert!(laptop.text().await.contains("Sign in to see this page."));
    phone.open("/cart").await;
    assert!(phone.text().await.contains("Together"));
    laptop.close().await;
    phone.close().await;
}

#[rocket::async_test]
async fn an_event_stream_closes_when_another_device_signs_this_one_out() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let (laptop, phone) = (driver.browser(&site).await, driver.browser(&site).await);
    laptop.sign_in("ada").await;
    phone.sign_in("ada").await;

    // A page of the interface for programs: those for people run no scripts.
    laptop.open("/api/me").await;
    let listen = "window.told = []; const events = new EventSource('/api/events'); \
                  for (const name of ['hello', 'signed-out']) events.addEventListener(name, () => told.push(name)); \
                  events.addEventListener('error', () => { told.push('closed'); events.close() })";
    laptop.page.execute(listen, vec![]).await.unwrap();
    laptop.told("hello").await;
    phone.open("/devices").await;
    phone.press("Sign out all others").await;
    laptop.told("hello,signed-out,closed").await;
    laptop.close().await;
    phone.close().await;
}

#[rocket::async_test]
async fn nothing_is_wider_than_a_phone() {
    let (site, driver) = (Site::serve().await, Driver::start());
    let browser = driver.browser(&site).await;
    browser.sign_in("ada").await;
    browser.narrow(360).await;
    for path in ["/", "/login", "/profile", "/theme", "/cart", "/devices", "/admin", "/vault", "/nowhere"] {
        browser.open(path).await;
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.page.execute(script, vec![]).await.unwrap().as_i64(), Some(0), "{path}");
    }
    browser.close().await;
}
