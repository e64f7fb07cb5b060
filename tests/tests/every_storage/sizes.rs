//! How large sessions are, and that what was written can be read.

use rocket::data::ToByteUnit;
use rocket_typed_session::testing::{Operation, When};
use rocket_typed_session_tests::place::Place;
use rocket_typed_session_tests::{Browser, Site, User, on_every_storage, overtake};

use crate::{assert_alive, site_on};

on_every_storage! {
    what_fits_is_read
    what_requests_added_at_once_is_read_though_it_would_not_fit
}

async fn open(place: &dyn Place) -> Site {
    site_on(place).users(|config| config.max_size = 1.kibibytes()).open().await
}

async fn what_fits_is_read(place: &dyn Place) {
    let site = open(place).await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    let fill = |user: &mut User| user.cart = (100_000..100_080).map(|product| (product, 1)).collect();
    assert!(site.sessions::<User>().update(&handle, fill).await.unwrap().is_some());
    assert_alive(&browser).await;
}

/// Puts something into the cart. Returns whether it fits.
async fn add(browser: &Browser<'_>, product: u32) -> bool {
    browser.post(&format!("/cart/{product}/1")).await.code() == 200
}

async fn what_requests_added_at_once_is_read_though_it_would_not_fit(place: &dyn Place) {
    let site = open(place).await;
    let (full, browser) = (site.member(7).await, site.member(8).await);
    let mut last = 100_000;
    while add(&full, last).await {
        assert!(add(&browser, last).await);
        last += 1;
    }
    assert_eq!(browser.post(&format!("/cart/{}/0", last - 1)).await.code(), 200);
    let tab = browser.copy();
    let both = overtake(site.parking(), (Operation::Commit, When::Before), add(&browser, 200_000), add(&tab, 200_001));
    assert_eq!(both.await, (true, true));
    assert_alive(&browser).await;
}
