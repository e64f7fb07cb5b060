//! Commits that fail.

use super::*;

#[rocket::async_test]
async fn f_05_a_failed_commit_shows_nothing_of_the_answer() {
    let site = impatient().await;
    let browser = site.member(7).await;
    for fault in EVERY {
        site.faults().fail(Commit, fault);
        let answer = browser.post(&format!("/hard/rich/{fault:?}")).await;
        assert_unavailable(&answer);
        let seen = format!("{:?}", answer.headers);
        assert!(!seen.contains("secret"), "{seen}");
        assert_eq!(answer.header("Location"), None);
        assert_eq!(answer.header("Cache-Control"), None);
        assert_eq!(answer.header("X-Other").as_deref(), Some("stays"));
        assert_eq!(answer.header("X-Content-Type-Options").as_deref(), Some("nosniff"));
        assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"));
        assert!(has_failed(&site.event_kinds()));
        site.faults().clear();
    }
    let answer = browser.post("/hard/rich/dark").await;
    assert_eq!((answer.code(), answer.header("Location").as_deref()), (303, Some("/secret")));
}

#[rocket::async_test]
async fn what_failed_before_it_was_applied_is_not_applied_and_what_was_applied_is() {
    let site = impatient().await;
    let browser = site.member(7).await;
    for (fault, visits) in [(Before, 0), (Hang, 0), (After, 1), (HangAfter, 2)] {
        site.faults().fail_next(Commit, fault, 1);
        assert_unavailable(&browser.post("/visit").await);
        assert!(browser.get("/me").await.body.starts_with(&format!("7 Member light en nick {visits}")));
    }
    let after = browser.post("/visit").await;
    assert_eq!(after.code(), 200);
}

#[rocket::async_test]
async fn f_05_a_failed_sign_in_sends_no_cookie() {
    for fault in EVERY {
        let site = impatient().await;
        let browser = site.browser();
        site.faults().fail(Create, fault);
        assert_unavailable(&browser.post("/login/7/member").await);
        assert_unavailable(&browser.post("/remember/7/60").await);
        assert_eq!(browser.cookie("__Host-session"), None);
        site.faults().clear();
        assert_eq!(browser.post("/login/7/member").await.code(), 200);
        assert_eq!(browser.get("/me").await.code(), 200);
    }
}

#[rocket::async_test]
async fn f_05_a_failed_rotation_sends_no_cookie() {
    for fault in EVERY {
        for path in ["/rotate", "/role/admin", "/identify/8", "/login/8/member", "/authenticate", "/set/7"] {
            let site = impatient().await;
            let browser = site.member(7).await;
            let token = browser.token();
            site.faults().fail(Rotate, fault);
            assert_unavailable(&browser.post(path).await);
            assert_eq!(browser.token(), token);
            site.faults().clear();
            let alive = browser.get("/session").await.body == "light";
            assert_eq!(alive, matches!(fault, Before | Hang), "{fault:?} {path}");
        }
    }
}

#[rocket::async_test]
async fn what_only_was_a_use_does_not_fail_for_want_of_writing_it_down() {
    let site = impatient().await;
    let browser = site.member(7).await;
    for fault in EVERY {
        site.clock.advance(Duration::from_mins(6));
        site.faults().fail(Touch, fault);
        let answer = browser.get("/me").await;
        assert_eq!(answer.code(), 200);
        assert!(answer.cookies.is_empty());
        site.faults().clear();
        assert!(has_failed(&site.event_kinds()));
        assert_eq!(browser.get("/me").await.code(), 200);
    }
}

#[rocket::async_test]
async fn a_renewal_that_fails_signs_nobody_out() {
    for fault in EVERY {
        let site = Site::builder()
            .config(|config| {
                config.renew = Some(Duration::from_mins(5));
                config.timeout = moment();
            })
            .open()
            .await;
        let browser = site.member(7).await;
        for _ in 0..5 {
            site.clock.advance(Duration::from_mins(5));
            site.faults().fail(Rotate, fault);
            let answer = browser.get("/me").await;
            assert_eq!((answer.code(), answer.cookies.len()), (200, 0));
            site.faults().clear();
        }
        site.clock.advance(Duration::from_mins(5));
        assert_eq!(browser.get("/me").await.cookies.len(), 1);
        assert_eq!(browser.get("/me").await.code(), 200);
    }
}

#[rocket::async_test]
async fn a_flash_whose_removal_failed_is_not_shown() {
    let site = impatient().await;
    let browser = site.member(7).await;
    browser.post("/notice/hello").await;
    site.faults().fail_next(Commit, Before, 1);
    assert_unavailable(&browser.get("/notice").await);
    assert_eq!(browser.get("/notice").await.body, "hello");
}

#[rocket::async_test]
async fn after_an_unknown_outcome_the_rest_is_dropped() {
    for fault in EVERY {
        let site = impatient().await;
        let browser = site.member(7).await;
        site.storage.clear();
        site.faults().fail_next(Commit, fault, 1);
        let answer = browser.post("/hard/save-anyway/dark").await;
        assert_eq!(answer.code(), 200);
        assert!(answer.body.starts_with("Err(Storage("), "{}", answer.body);
        assert_eq!(site.storage.count(Commit), 1);
        assert!(site.event_kinds().contains(&EventKind::EditIgnored));
        let me = browser.get("/me").await.body;
        let theme = if matches!(fault, After | HangAfter) { "dark" } else { "light" };
        assert!(me.starts_with(&format!("7 Member {theme} en nick 0")), "{me}");
    }
}

#[rocket::async_test]
async fn f_07_the_time_for_all_calls_of_a_request_is_one() {
    let site = Site::builder().config(|config| config.timeout = Duration::from_millis(500)).open().await;
    let browser = site.member(7).await;
    site.faults().fail(Commit, Hang);
    site.faults().fail(Delete, Hang);
    let began = std::time::Instant::now();
    assert_eq!(browser.post("/hard/save-and-end/dark").await.code(), 503);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(950), "{took:?} for two calls that hang");
}

#[rocket::async_test]
async fn a_handler_that_takes_its_time_leaves_the_storage_its_own() {
    let site = Site::builder().config(|config| config.timeout = Duration::from_millis(400)).open().await;
    let browser = site.member(7).await;
    // Both calls are pending for a moment, so that the time is counted.
    let load = site.parking().park(Load, When::Before);
    let commit = site.parking().park(Commit, When::Before);
    let (answer, ()) = join!(browser.post("/hard/slow/dark/600"), async {
        load.reached().await;
        load.release();
        commit.reached().await;
        commit.release();
    });
    assert_eq!(answer.code(), 200);
    assert_eq!(browser.get("/owned").await.body, "dark");
}

#[rocket::async_test]
async fn f_08_the_error_is_not_told_to_the_client() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for (operation, path) in
        [(Commit, "/theme/dark"), (Rotate, "/rotate"), (Delete, "/logout"), (DeleteAll, "/end-all")]
    {
        site.faults().fail(operation, Before);
        let answer = browser.copy().post(path).await;
        assert_eq!(answer.code(), 503);
        assert!(!format!("{answer:?}").contains("fault"), "{answer:?}");
        site.faults().clear();
    }
    site.faults().fail(List, Before);
    let browser = site.member(7).await;
    let answer = browser.get("/list").await;
    assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(Storage)"));
}

#[rocket::async_test]
async fn the_cookie_that_another_type_has_committed_is_kept() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.post("/guest/hit").await;
    site.guests.inner().fail(Commit, Before);
    let answer = browser.post("/hard/guest-and-rotate/dark").await;
    assert_unavailable_with(&answer, "__Host-session");
    assert_eq!(answer.header("Cache-Control").as_deref(), Some("no-store"));
    assert_eq!(browser.get("/owned").await.body, "dark");
    assert_eq!(browser.get("/guest").await.body, "None 1 ");
}

#[rocket::async_test]
async fn a_type_that_fails_first_keeps_the_other_from_committing() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.faults().fail(Commit, Before);
    assert_unavailable(&browser.post("/both/dark").await);
    assert!(site.guests.calls().is_empty());
    assert_eq!(browser.cookie("__Host-guest"), None);
}

#[rocket::async_test]
async fn a_catcher_may_ask_for_another_type_that_the_request_did_not_use() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.guests.inner().fail(Create, Before);
    let answer = browser.post("/hard/asking/edit-guest").await;
    assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(7)"));
}

/// The session that the storage has, as it has it.
#[rocket::async_test]
async fn a_catcher_is_shown_what_is_stored() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let stored = (browser.handle().await, browser.get("/times").await.body);
    for (operation, path) in [(Commit, "/hard/telling/edit/dark"), (Rotate, "/hard/telling/start/8")] {
        site.faults().fail_next(operation, Before, 1);
        let answer = browser.post(path).await;
        let (user, name) = answer.body.split_once(") ").unwrap_or_else(|| panic!("{answer:?}"));
        assert_eq!((answer.code(), user), (503, "Some((7, \"light\")"), "{path}");
        let (handle, times) = &stored;
        let expiry = name.strip_prefix(&format!("Some({handle:?}) ")).unwrap_or_else(|| panic!("{answer:?}"));
        assert!(times.contains(expiry), "{expiry} is not of {times}");
    }
}

#[rocket::async_test]
async fn what_is_done_after_a_failure_is_ignored() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let times = browser.get("/times").await.body;
    for what in ["start", "set", "become", "rotate", "authenticate", "ttl"] {
        site.faults().fail_next(Commit, Before, 1);
        site.events();
        let answer = browser.post(&format!("/hard/save-anyway-and/{what}")).await;
        assert_eq!((answer.code(), answer.body.as_str(), answer.cookies.len()), (200, "7 dark", 0), "{what}");
        let ignored = site.event_kinds().into_iter().filter(|kind| *kind == EventKind::EditIgnored);
        assert_eq!(ignored.count(), 1, "{what}");
        assert_eq!(
            (browser.get("/times").await.body, browser.get("/owned").await.body.as_str()),
            (times.clone(), "light")
        );
    }
}

fn assert_unavailable_with(answer: &Answer, name: &str) {
    assert_eq!((answer.code(), answer.cookies.len()), (503, 1), "{answer:?}");
    assert!(answer.cookies[0].starts_with(name));
}
