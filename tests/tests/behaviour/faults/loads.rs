//! Loads that fail.

use super::*;

#[rocket::async_test]
async fn f_04_a_failed_load_is_unavailable_and_leaves_the_cookie_alone() {
    let site = impatient().await;
    let browser = site.member(7).await;
    let token = browser.token();
    for fault in EVERY {
        site.faults().fail(Load, fault);
        for path in ["/me", "/owned", "/maybe", "/why", "/session", "/handle", "/list", "/admin", "/perhaps"] {
            assert_unavailable(&browser.get(path).await);
        }
        for path in ["/theme/dark", "/login/8/member", "/logout", "/rotate", "/end-all", "/fail/500/dark"] {
            assert_unavailable(&browser.post(path).await);
        }
        assert_eq!(browser.head("/me").await.code(), 503);
        site.faults().clear();
        assert_eq!(browser.token(), token);
        assert!(browser.get("/me").await.body.starts_with("7 Member light"));
        assert!(has_failed(&site.event_kinds()));
    }
}

#[rocket::async_test]
async fn a_failed_load_is_tried_once() {
    let site = impatient().await;
    let browser = site.member(7).await;
    site.storage.clear();
    site.faults().fail(Load, Before);
    assert_unavailable(&browser.get("/hard/crowd").await);
    assert_eq!(site.storage.calls().len(), 1);
}

#[rocket::async_test]
async fn the_catcher_of_a_refused_guard_is_asked_once() {
    static CAUGHT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

    #[rocket::get("/")]
    fn page(_user: &User) {}

    #[catch(503)]
    fn counting() -> &'static str {
        CAUGHT.fetch_add(1, Ordering::Relaxed);
        "counted"
    }

    let storage = Arc::new(FaultStorage::new(MemoryStorage::new()));
    let app = App::builder()
        .sessions::<User>(storage.clone())
        .mount(routes![page, sign_in])
        .register(catchers![counting])
        .open()
        .await;
    let browser = app.browser();
    browser.post("/in").await;
    storage.fail(Load, Before);
    let answer = browser.get("/").await;
    assert_eq!((answer.code(), answer.body.as_str()), (503, "counted"));
    assert_eq!(CAUGHT.load(Ordering::Relaxed), 1);
}

#[rocket::async_test]
async fn handlers_may_be_left_to_deal_with_it() {
    let site = Site::builder().config(|config| config.unavailable = Unavailable::Pass).open().await;
    let browser = site.member(7).await;
    site.faults().fail(Load, Before);
    let answer = browser.get("/why").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "Storage"));
    assert!(answer.cookies.is_empty());
    assert_unavailable(&browser.get("/me").await);
    let answer = browser.get("/maybe").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "nobody"));
    site.faults().clear();
    assert_eq!(browser.get("/why").await.body, "light");
}

#[rocket::async_test]
async fn who_brings_no_cookie_or_uses_no_session_does_not_notice() {
    let site = impatient().await;
    let browser = site.member(7).await;
    site.faults().fail(Load, Hang);
    assert_eq!(browser.get("/public").await.body, "public");
    assert_eq!(browser.get("/guest").await.body, "None 0 ");
    let visitor = site.browser();
    assert_eq!(visitor.get("/session").await.body, "nobody");
    assert_eq!(visitor.post("/login/8/member").await.code(), 200);
}

#[rocket::async_test]
async fn f_07_a_route_without_sessions_is_served_while_another_hangs() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let parked = site.parking().park(Load, When::Before);
    let (hung, ()) = join!(browser.get("/me"), async {
        parked.reached().await;
        assert_eq!(browser.get("/public").await.body, "public");
        assert_eq!(browser.get("/guest").await.code(), 200);
        parked.release();
    });
    assert_eq!(hung.code(), 200);
}

#[rocket::async_test]
async fn a_role_is_not_granted_while_it_is_unknown() {
    let site = impatient().await;
    let browser = site.admin(7).await;
    site.faults().fail(Load, Before);
    for path in ["/admin", "/vault", "/perhaps"] {
        assert_unavailable(&browser.get(path).await);
    }
}
