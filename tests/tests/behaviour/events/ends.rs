//! What is told of sessions that end, and of who ended them.

use super::*;

const OWNER: EventKind = EventKind::Ended(EndedBy::Owner);

///
#[rocket::async_test]
async fn a_16_who_signs_out_is_told() {
    let site = Site::open().await;
    let (here, there) = (site.member(7).await, site.member(7).await);
    let (own, other) = (here.handle().await, there.handle().await);
    for (page, handle) in [(format!("/end/{other}"), other), ("/logout".into(), own)] {
        later(&site);
        send(&here, Post, &page).await;
        assert_eq!(site.told(), [told(&site, OWNER, handle, "7")], "{page}");
    }
}

/// once, by who ended it.
#[rocket::async_test]
async fn a_16_who_finds_a_session_ended_tells_nothing() {
    let site = Site::open().await;
    let (here, there) = (site.member(7).await, site.member(7).await);
    let page = format!("/end/{}", there.handle().await);
    for ended in [1, 0] {
        later(&site);
        send(&here, Post, &page).await;
        assert_eq!(site.told().len(), ended);
    }
}

///
#[rocket::async_test]
async fn a_16_a_sign_in_tells_of_the_session_that_it_replaces() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let before = browser.handle().await;
    later(&site);
    send(&browser, Post, "/login/8/member").await;
    let after = browser.handle().await;
    assert_eq!(site.told(), [told(&site, OWNER, before, "7"), told(&site, EventKind::Created, after, "8")]);
}

///
#[rocket::async_test]
async fn a_16_an_end_is_told_of_whom_it_was() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    later(&site);
    send(&browser, Post, "/hard/start-and-end/8").await;
    assert_eq!(site.told(), [told(&site, OWNER, handle, "7")]);
}

/// Returns what is told as soon as something is.
async fn first_told(site: &Site) -> Vec<Told> {
    let told = async {
        loop {
            match site.told() {
                told if told.is_empty() => sleep(Duration::from_millis(10)).await,
                told => return told,
            }
        }
    };
    timeout(MINUTE, told).await.expect("something is told")
}

/// an end that was carried out, and not confirmed.
#[rocket::async_test]
async fn a_16_an_end_that_is_tried_again_is_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    later(&site);
    site.faults().fail_next(Operation::Delete, Fault::After, 1);
    assert_eq!(send(&browser, Post, "/logout").await.code(), 503);
    assert_eq!(site.told().len(), 1, "the failure");
    assert_eq!(first_told(&site).await, [told(&site, OWNER, handle, "7")]);
}

/// of a request that goes before it could end its session.
#[rocket::async_test]
async fn a_16_an_end_that_is_left_to_others_is_told() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    later(&site);
    send(&browser, Get, "/hard/stream-end-unsaved").await;
    assert_eq!(first_told(&site).await, [told(&site, OWNER, handle, "7")]);
}

///
#[rocket::async_test]
async fn a_16_the_session_that_a_newer_one_ends_is_told() {
    let site = Site::builder().users(|config| config.max_per_user = Some(1)).open().await;
    let oldest = site.member(7).await.handle().await;
    let browser = site.browser();
    later(&site);
    send(&browser, Post, "/login/7/member").await;
    let newest = browser.handle().await;
    let capped = told(&site, EventKind::Ended(EndedBy::Cap), oldest, "7");
    assert_eq!(site.told(), [capped, told(&site, EventKind::Created, newest, "7")]);
}

///
#[rocket::async_test]
async fn a_16_who_ended_sessions_is_told() {
    let site = Site::open().await;
    let (here, _) = (site.member(7).await, site.member(7).await);
    let kept = here.handle().await;
    later(&site);
    send(&here, Post, "/end-others").await;
    let by_owner = EventKind::EndedMany(1, EndedBy::Owner);
    assert_eq!(site.told(), [told(&site, by_owner.clone(), kept, "7")]);
    later(&site);
    send(&here, Post, "/end-all").await;
    assert_eq!(site.told(), [Told::new(by_owner, site.clock.now()).whose("7").from_ip(IP)]);
}

/// what was ended with all others is not ended once more.
#[rocket::async_test]
async fn a_16_who_ends_all_and_signs_in_replaces_nothing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    later(&site);
    site.storage.clear();
    send(&browser, Post, "/hard/end-all-and-start/7").await;
    let kinds = site.event_kinds();
    assert_eq!(kinds, [EventKind::EndedMany(1, EndedBy::Owner), EventKind::Created]);
    assert_eq!((site.storage.count(Operation::Create), site.storage.count(Operation::Rotate)), (1, 0));
    assert_eq!(browser.get("/me").await.code(), 200);
}

/// outside a request there is no address.
#[rocket::async_test]
async fn a_16_what_the_application_ends_is_told() {
    let site = Site::open().await;
    let sessions = site.sessions::<User>();
    let member = async || site.member(7).await.handle().await;
    let (ended, kept, _) = (member().await, member().await, member().await);
    let by_application = |ended| EventKind::EndedMany(ended, EndedBy::Application);
    later(&site);
    assert!(sessions.end_one(&ended).await.unwrap());
    let now = site.clock.now();
    assert_eq!(site.told(), [Told::new(EventKind::Ended(EndedBy::Application), now).of(ended)]);
    assert!(!sessions.end_one(&ended).await.unwrap());
    assert_eq!(site.told(), []);
    sessions.end_all_except(&7, &kept).await.unwrap();
    sessions.end_all(&7).await.unwrap();
    assert_eq!(site.told(), [1; 2].map(|count| Told::new(by_application(count), now).whose("7")));
    sessions.end_everyone().await.unwrap();
    assert_eq!(site.told(), [Told::new(EventKind::EndedEveryone, now)]);
}
