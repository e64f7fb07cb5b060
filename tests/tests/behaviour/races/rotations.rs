//! Rotation.

use super::*;

#[rocket::async_test]
async fn setting_a_role_rotates_though_it_is_the_same() {
    for path in ["/hard/same-role", "/role/member", "/identify/7", "/set/7", "/rotate", "/authenticate"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let (old, name) = (browser.copy(), browser.handle().await);
        assert_eq!(browser.post(path).await.cookies.len(), 1, "{path}");
        assert_dead(&old).await;
        assert_eq!(browser.handle().await, name, "{path}");
    }
}

#[rocket::async_test]
async fn a_rotation_kills_pending_tokens_and_those_in_grace() {
    let site = renewing().await;
    let first = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let second = first.copy();
    second.get("/me").await;
    second.get("/me").await;
    assert_alive(&first).await;
    site.clock.advance(HOUR / 2);
    let current = second.copy();
    let pending = second.copy();
    pending.get("/me").await;
    assert_ne!(pending.token(), current.token());
    assert_eq!(current.post("/role/admin").await.code(), 200);
    assert_alive(&current).await;
    for old in [&first, &second, &pending] {
        assert_dead(old).await;
    }
}

#[rocket::async_test]
async fn a_token_in_grace_rotates_nothing() {
    let site = renewing().await;
    let old = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let new = old.copy();
    new.get("/me").await;
    new.get("/me").await;
    for path in ["/rotate", "/role/admin", "/authenticate"] {
        assert_lost(&old.post(path).await, 409);
    }
    assert!(new.get("/me").await.body.starts_with("7 Member"));
}

#[rocket::async_test]
async fn a_03_twenty_requests_during_a_renewal_sign_nobody_out() {
    let site = renewing().await;
    let browser = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let before = browser.copy();
    // Every third response is lost on its way.
    let lost: Vec<_> = (0..20).map(|_| browser.copy()).collect();
    let requests = lost.iter().enumerate().map(|(number, lost)| {
        let from = if number % 3 == 0 { lost } else { &browser };
        async move { from.post("/visit").await }
    });
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    let issued: Vec<_> = answers.iter().flat_map(|answer| &answer.cookies).collect();
    assert_eq!(issued.len(), 1, "one token is pending at a time");
    for browser in [&before, &browser] {
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 20"));
    }
}

#[rocket::async_test]
async fn a_02_an_edit_under_way_leaves_the_rotation_that_falls_due_to_the_next_request() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (old, handle) = (browser.copy(), browser.handle().await);
    let promote = async { site.sessions::<User>().update(&handle, |user| user.role = Role::Admin).await.unwrap() };
    let (edit, promoted) = overtake(site.parking(), (Commit, Before), browser.post("/theme/dark"), promote).await;
    assert_eq!((edit.code(), promoted), (200, Some(())));
    assert_silent(&edit);
    let answer = browser.get("/me").await;
    assert!(answer.body.starts_with("7 Admin dark"), "{answer:?}");
    assert_eq!(answer.cookies.len(), 1);
    assert_dead(&old).await;
}

/// Sends twenty requests that all renew at once. Returns each with what the browser has if its answer arrives.
async fn twenty_held_at_their_renewal<'s>(site: &'s Site, browser: &Browser<'s>) -> Vec<(Answer, Browser<'s>)> {
    let parked: Vec<_> = (0..20).map(|_| site.parking().park(Rotate, Before)).collect();
    let release = async {
        for parked in &parked {
            parked.reached().await;
        }
        release_all(&parked);
    };
    let copies: Vec<_> = (0..20).map(|_| browser.copy()).collect();
    let (answers, ()) = join!(join_all(copies.iter().map(|copy| copy.get("/me"))), release);
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert_eq!(answers.iter().map(|answer| answer.cookies.len()).sum::<usize>(), 1);
    answers.into_iter().zip(copies).collect()
}

#[rocket::async_test]
async fn twenty_requests_held_at_their_renewal_get_one_token() {
    let site = renewing().await;
    let browser = site.member(7).await;
    site.clock.advance(HOUR / 2);
    for (_, copy) in twenty_held_at_their_renewal(&site, &browser).await {
        assert_alive(&copy).await;
    }
}

#[rocket::async_test]
async fn a_03_whoever_loses_the_one_response_with_the_new_token_is_signed_in_still() {
    let site = renewing().await;
    let browser = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let answers = twenty_held_at_their_renewal(&site, &browser).await;
    let arrived: Vec<_> = answers.into_iter().filter(|(answer, _)| answer.cookies.is_empty()).collect();
    assert_eq!(arrived.len(), 19);
    // The twentieth asks again with what it had.
    let copies: Vec<_> = arrived.into_iter().map(|(_, copy)| copy).chain([browser.copy()]).collect();
    assert!(copies.iter().all(|copy| copy.token() == browser.token()));
    for wait in [GRACE / 2, GRACE / 2 - Duration::from_millis(1), Duration::from_millis(1), 2 * GRACE] {
        site.clock.advance(wait);
        for answer in join_all(copies.iter().map(|copy| copy.get("/me"))).await {
            assert_eq!(answer.code(), 200);
            assert_silent(&answer);
        }
    }
    site.clock.advance(HOUR / 2);
    let renewed = twenty_held_at_their_renewal(&site, &browser).await;
    // This time it arrives, and those on their way still bear the old one.
    let new = renewed.iter().find(|(answer, _)| !answer.cookies.is_empty()).map(|(_, copy)| copy).unwrap();
    assert_ne!(new.token(), browser.token());
    assert_alive(new).await;
    for (_, copy) in &renewed {
        assert_alive(copy).await;
    }
    site.clock.advance(GRACE);
    assert_alive(new).await;
    site.clock.advance(HOUR / 2);
    assert_eq!(new.get("/me").await.cookies.len(), 1, "it is renewed again");
    assert_alive(new).await;
}

#[rocket::async_test]
async fn edits_do_not_put_a_renewal_off() {
    let site = renewing().await;
    let browser = site.member(7).await;
    for theme in ["dark", "blue"] {
        site.clock.advance(HOUR / 4 - Duration::from_secs(1));
        assert_silent(&browser.post(&format!("/theme/{theme}")).await);
    }
    site.clock.advance(Duration::from_secs(2));
    assert_eq!(browser.post("/theme/dark").await.cookies.len(), 1);
}

#[rocket::async_test]
async fn a_lost_renewal_signs_nobody_out_however_late() {
    let site = renewing().await;
    let browser = site.member(7).await;
    for _ in 0..8 {
        site.clock.advance(HOUR / 2);
        // The response with the new token never arrives.
        assert_eq!(browser.copy().get("/me").await.cookies.len(), 1);
        assert_alive(&browser.copy()).await;
    }
    site.clock.advance(HOUR / 2);
    assert_eq!(browser.get("/me").await.cookies.len(), 1);
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn while_a_token_is_pending_no_second_is_issued_for_half_a_minute() {
    let site = Site::builder().config(|config| config.renew = Some(Duration::from_secs(1))).open().await;
    let browser = site.member(7).await;
    site.clock.advance(GRACE);
    assert_eq!(browser.copy().get("/me").await.cookies.len(), 1);
    for _ in 0..29 {
        site.clock.advance(Duration::from_secs(1));
        assert_silent(&browser.copy().get("/me").await);
    }
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(browser.get("/me").await.cookies.len(), 1);
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn the_grace_of_the_old_token_begins_when_the_new_one_is_presented() {
    let site = renewing().await;
    let old = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let new = old.copy();
    new.get("/me").await;
    // Not presented yet: the old one is good for long.
    site.clock.advance(10 * GRACE);
    assert_alive(&old.copy()).await;
    assert_alive(&new).await;
    site.clock.advance(Duration::from_millis(29_999));
    assert_alive(&old).await;
    site.events();
    site.clock.advance(Duration::from_millis(1));
    assert_lost(&old.get("/me").await, 401);
    assert!(site.event_kinds().contains(&EventKind::Refused(RefusedCookie::NoSession)));
    assert_alive(&new).await;
}

#[rocket::async_test]
async fn in_grace_reads_and_writes_work_on_the_one_record() {
    let site = renewing().await;
    let old = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let new = old.copy();
    new.get("/me").await;
    new.post("/theme/dark").await;
    assert_eq!(old.get("/owned").await.body, "dark");
    assert_eq!(old.post("/language/de").await.code(), 200);
    assert!(new.get("/me").await.body.starts_with("7 Member dark de"));
}

#[rocket::async_test]
async fn in_grace_nothing_is_renewed_and_no_token_is_sent_again() {
    for (path, renew) in [
        ("/theme/dark", Duration::from_secs(1)),
        ("/hard/save-twice/dark", Duration::from_secs(1)),
        ("/hard/save-twice/dark", HOUR / 2),
    ] {
        let site = Site::builder()
            .config(|config| {
                config.renew = Some(renew);
                config.cookie.persistent = true;
            })
            .open()
            .await;
        let old = site.member(7).await;
        site.clock.advance(renew.max(GRACE));
        let new = old.copy();
        new.get("/me").await;
        new.get("/me").await;
        site.clock.advance(Duration::from_secs(10));
        let answer = old.post(path).await;
        assert_eq!(answer.code(), 200);
        assert_silent(&answer);
        assert_silent(&old.get("/me").await);
    }
}

#[rocket::async_test]
async fn a_request_that_was_rotated_over_slides_no_cookie() {
    let site = Site::builder().config(|config| config.cookie.persistent = true).open().await;
    let browser = site.member(7).await;
    let slid = browser.post("/theme/dark").await;
    assert_eq!(slid.cookies.len(), 1);
    let (late, rotated) =
        overtake(site.parking(), (Commit, Before), browser.post("/theme/blue"), browser.post("/rotate")).await;
    assert_eq!(rotated.cookies.len(), 1);
    assert_lost(&late, 409);
    site.clock.advance(HOUR / 2);
    let (late, _) = overtake(site.parking(), (Touch, Before), browser.get("/me"), browser.post("/rotate")).await;
    assert_eq!(late.code(), 200);
    assert_silent(&late);
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn a_role_set_from_outside_makes_the_next_request_rotate() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    let name = browser.handle().await;
    let updated = site.sessions::<User>().update(&name, |user| user.role = Role::Member).await.unwrap();
    assert!(updated.is_some());
    let old = browser.copy();
    assert_eq!(browser.get("/admin").await.code(), 403);
    assert_ne!(browser.token(), old.token());
    assert_dead(&old).await;
    assert_eq!(browser.handle().await, name);
    assert_silent(&browser.get("/me").await);
}

#[rocket::async_test]
async fn of_two_reads_after_a_role_set_from_outside_none_is_refused() {
    let site = Site::open().await;
    let browser = site.admin(7).await;
    let name = browser.handle().await;
    site.sessions::<User>().update(&name, |user| user.role = Role::Member).await.unwrap();
    let (late, first) = overtake(site.parking(), (Rotate, Before), browser.get("/me"), browser.get("/me")).await;
    assert_eq!((first.code(), first.cookies.len()), (200, 1));
    assert_eq!(late.code(), 200);
    assert_silent(&late);
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn a_03_a_role_set_from_outside_ends_the_grace_of_the_old_token() {
    for (role, other) in [(Role::Member, Role::Admin), (Role::Admin, Role::Member)] {
        let site = renewing().await;
        let old = if role == Role::Admin { site.admin(7).await } else { site.member(7).await };
        let name = old.handle().await;
        site.clock.advance(HOUR / 2);
        let new = old.copy();
        new.get("/me").await;
        new.get("/me").await;
        assert_alive(&old).await;
        site.sessions::<User>().update(&name, |user| user.role = other).await.unwrap();
        site.events();
        assert_lost(&old.get("/admin").await, 401);
        assert_lost(&old.post("/theme/dark").await, 401);
        assert!(site.event_kinds().contains(&EventKind::Refused(RefusedCookie::Moved)));
        let answer = new.get("/me").await;
        assert!(answer.body.starts_with(&format!("7 {other:?} light")));
        assert_eq!(answer.cookies.len(), 1);
        assert_dead(&old).await;
        assert_alive(&new).await;
    }
}

#[rocket::async_test]
async fn a_token_whose_grace_a_role_ended_signs_out_still() {
    let site = renewing().await;
    let old = site.member(7).await;
    let name = old.handle().await;
    site.clock.advance(HOUR / 2);
    let new = old.copy();
    new.get("/me").await;
    new.get("/me").await;
    site.sessions::<User>().update(&name, |user| user.role = Role::Admin).await.unwrap();
    assert_eq!(old.post("/logout").await.cookies.len(), 1);
    assert_dead(&new).await;
}

/// Has the token of a browser renewed, and presents the new one: the old one's grace begins.
async fn renew(site: &Site, browser: &Browser<'_>) {
    site.clock.advance(HOUR / 2);
    browser.get("/me").await;
    browser.get("/me").await;
}

/// Has the token of a browser renewed, and lets the old one's grace pass.
async fn outlive(site: &Site, browser: &Browser<'_>) {
    renew(site, browser).await;
    site.clock.advance(GRACE + Duration::from_secs(1));
}

#[rocket::async_test]
async fn a_slow_request_writes_though_its_token_was_renewed_long_ago() {
    let site = renewing().await;
    let slow = site.member(7).await;
    let new = slow.copy();
    let (answer, ()) = overtake(site.parking(), (Load, After), slow.post("/theme/dark"), outlive(&site, &new)).await;
    assert_eq!(answer.code(), 200);
    assert_silent(&answer);
    assert!(new.get("/me").await.body.starts_with("7 Member dark"));
    assert_dead(&slow).await;
}

#[rocket::async_test]
async fn a_slow_request_whose_token_was_renewed_long_ago_gains_no_other() {
    for path in ["/role/admin", "/rotate", "/authenticate"] {
        let site = renewing().await;
        let slow = site.member(7).await;
        let new = slow.copy();
        let (answer, ()) = overtake(site.parking(), (Load, After), slow.post(path), outlive(&site, &new)).await;
        assert_lost(&answer, 401);
        assert!(new.get("/me").await.body.starts_with("7 Member light"), "{path}");
    }
}

#[rocket::async_test]
async fn a_slow_request_in_grace_writes_though_the_grace_is_over() {
    let site = renewing().await;
    let slow = site.member(7).await;
    let new = slow.copy();
    renew(&site, &new).await;
    let over = async { site.clock.advance(GRACE) };
    assert_eq!(overtake(site.parking(), (Load, After), slow.post("/theme/dark"), over).await.0.code(), 200);
    assert!(new.get("/me").await.body.starts_with("7 Member dark"));
    assert_dead(&slow).await;
}

#[rocket::async_test]
async fn a_stream_saves_though_its_token_was_renewed_long_ago() {
    let site = renewing().await;
    let old = site.member(7).await;
    let new = old.copy();
    let saves = old.get("/hard/stream-slowly");
    let (answer, ()) = overtake(site.parking(), (Commit, After), saves, outlive(&site, &new)).await;
    assert_eq!(answer.body, "Ok(()) Ok(()) Ok(())");
    assert!(new.get("/me").await.body.starts_with("7 Member light en nick 3"));
}

#[rocket::async_test]
async fn a_slow_request_writes_not_to_a_session_that_was_ended_or_is_another_by_now() {
    for path in ["/logout", "/role/admin", "/authenticate", "/rotate"] {
        let site = renewing().await;
        let slow = site.member(7).await;
        let other = slow.copy();
        let meanwhile = async {
            site.clock.advance(Duration::from_secs(1));
            other.post(path).await;
            site.clock.advance(GRACE + Duration::from_secs(1));
        };
        let (answer, ()) = overtake(site.parking(), (Load, After), slow.post("/theme/dark"), meanwhile).await;
        assert_lost(&answer, 401);
        if path != "/logout" {
            assert!(other.get("/me").await.body.contains(" light "), "{path}");
        }
    }
}

#[rocket::async_test]
async fn a_storage_that_fails_a_slow_request_is_a_storage_that_fails() {
    for operation in [Load, Operation::Find] {
        let site = renewing().await;
        let slow = site.member(7).await;
        let new = slow.copy();
        let fails = async {
            outlive(&site, &new).await;
            site.faults().fail(operation, Fault::Before);
        };
        assert_lost(&overtake(site.parking(), (Load, After), slow.post("/theme/dark"), fails).await.0, 503);
        site.faults().clear();
        assert_alive(&new).await;
    }
}

/// Sends a request that writes several times, a while after each other; after the first a browser's token is renewed.
async fn renew_between(
    site: &Site,
    browser: &Browser<'_>,
    writes: &[Operation],
    first: impl Future<Output = Answer>,
) -> Answer {
    site.clock.advance(HOUR / 2 - Duration::from_secs(1));
    let mut parked = site.parking().park(writes[0], After);
    let between = async {
        for number in 0..writes.len() {
            parked.reached().await;
            if number == 0 {
                site.clock.advance(Duration::from_secs(1));
                browser.get("/me").await;
                browser.get("/me").await;
            }
            site.clock.advance(Duration::from_secs(12));
            // To drop what was parked releases it, once the next write is waited for.
            if let Some(next) = writes.get(number + 1) {
                parked = site.parking().park(*next, After);
            } else {
                parked.release();
            }
        }
    };
    let race = async { join!(first, between).0 };
    timeout(Duration::from_secs(20), race).await.expect("the request writes so often")
}

#[rocket::async_test]
async fn a_stream_saves_often_though_its_token_was_renewed_meanwhile() {
    let site = renewing().await;
    let old = site.member(7).await;
    let new = old.copy();
    let answer = renew_between(&site, &new, &[Commit; 5], old.get("/hard/stream-often")).await;
    assert_eq!(answer.body, "Ok(()) Ok(()) Ok(()) Ok(()) Ok(()) ");
    assert!(new.get("/me").await.body.starts_with("7 Member light en nick 5"));
}

#[rocket::async_test]
async fn a_stream_that_saves_often_looks_for_its_session_now_and_then() {
    let site = renewing().await;
    let browser = site.member(7).await;
    site.storage.clear();
    let passes = async {
        loop {
            let parked = site.parking().park(Commit, After);
            parked.reached().await;
            site.clock.advance(Duration::from_secs(12));
        }
    };
    rocket::tokio::select! {
        biased;
        () = passes => {}
        answer = browser.get("/hard/stream-often") => assert_eq!(answer.code(), 200),
    }
    assert_eq!((site.storage.count(Commit), site.storage.count(Load)), (5, 3));
}

#[rocket::async_test]
async fn whoever_signs_in_after_saves_ends_what_there_was_though_its_token_was_renewed_meanwhile() {
    let site = renewing().await;
    let old = site.member(7).await;
    let new = old.copy();
    let saves = old.post("/hard/save-often-and-start/9");
    let answer = renew_between(&site, &new, &[Commit, Rotate, Commit], saves).await;
    assert_eq!((answer.code(), answer.cookies.len()), (200, 1));
    assert!(old.get("/me").await.body.starts_with("9 Member"));
    assert_dead(&new).await;
}

#[rocket::async_test]
async fn a_request_in_grace_writes_though_the_grace_is_over_a_moment_later() {
    let site = renewing().await;
    let slow = site.member(7).await;
    let new = slow.copy();
    renew(&site, &new).await;
    site.clock.advance(GRACE - Duration::from_secs(1));
    let over = async { site.clock.advance(Duration::from_secs(1)) };
    assert_eq!(overtake(site.parking(), (Load, After), slow.post("/theme/dark"), over).await.0.code(), 200);
    assert!(new.get("/me").await.body.starts_with("7 Member dark"));
    assert_dead(&slow).await;
}

#[rocket::async_test]
async fn a_slow_request_with_a_pending_token_presents_it() {
    let site = renewing().await;
    let old = site.member(7).await;
    let new = old.copy();
    site.clock.advance(HOUR / 2);
    new.get("/me").await;
    let wait = async { site.clock.advance(GRACE) };
    assert_eq!(overtake(site.parking(), (Load, After), new.post("/theme/dark"), wait).await.0.code(), 200);
    site.clock.advance(HOUR / 2);
    assert_dead(&old).await;
    assert_alive(&new).await;
}

#[rocket::async_test]
async fn a_slow_request_gains_no_token_by_a_role_that_was_given_and_taken_back() {
    let site = renewing().await;
    let slow = site.member(7).await;
    let name = slow.handle().await;
    let new = slow.copy();
    let meanwhile = async {
        outlive(&site, &new).await;
        for role in [Role::Admin, Role::Member] {
            site.sessions::<User>().update(&name, |user| user.role = role).await.unwrap();
        }
    };
    let (answer, ()) = overtake(site.parking(), (Load, After), slow.post("/theme/dark"), meanwhile).await;
    assert_lost(&answer, 401);
    assert!(new.get("/me").await.body.starts_with("7 Member light"));
}

#[rocket::async_test]
async fn what_another_request_renewed_meanwhile_is_not_sent_again() {
    let site = renewing_persistent().await;
    let slow = site.member(7).await;
    let new = slow.copy();
    site.clock.advance(HOUR / 2);
    let meanwhile = async {
        assert_eq!(new.get("/me").await.cookies.len(), 1);
        assert_alive(&new).await;
    };
    let saves = slow.post("/hard/save-twice/dark");
    let (answer, ()) = overtake(site.parking(), (Load, After), saves, meanwhile).await;
    assert_eq!(answer.code(), 200);
    assert_silent(&answer);
}

#[rocket::async_test]
async fn a_slow_request_that_writes_nothing_looks_for_no_session() {
    let site = renewing().await;
    let slow = site.member(7).await;
    slow.post("/notice/hello").await;
    let fails = async {
        site.clock.advance(GRACE);
        site.faults().fail(Load, Fault::Before);
    };
    assert_eq!(overtake(site.parking(), (Load, After), slow.head("/notice"), fails).await.0.code(), 200);
    site.faults().clear();
    assert_eq!(slow.get("/notice").await.body, "hello");
}

/// The browser may have the new token before this answer comes.
#[rocket::async_test]
async fn a_token_beside_one_that_is_new_is_not_sent_again() {
    let site = renewing_persistent().await;
    let slow = site.member(7).await;
    let new = slow.copy();
    site.clock.advance(HOUR / 2);
    assert_eq!(new.get("/me").await.cookies.len(), 1);
    let meanwhile = assert_alive(&new);
    let (answer, ()) = overtake(site.parking(), (Load, After), slow.post("/theme/dark"), meanwhile).await;
    assert_eq!(answer.code(), 200);
    assert_silent(&answer);
    site.clock.advance(GRACE);
    assert_eq!(new.post("/theme/blue").await.cookies.len(), 1);
    assert_dead(&slow).await;
}

#[rocket::async_test]
async fn an_edit_from_outside_finds_a_session_that_is_rotated_meanwhile() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let name = browser.handle().await;
    let sessions = site.sessions::<User>();
    let update = sessions.update(&name, |user| user.theme = "outside".into());
    let (updated, _) = overtake(site.parking(), (Commit, Before), update, browser.post("/rotate")).await;
    assert!(updated.unwrap().is_some());
    assert_eq!(browser.get("/owned").await.body, "outside");
}

#[rocket::async_test]
async fn an_edit_from_outside_does_not_revive_a_session() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let name = browser.handle().await;
    let sessions = site.sessions::<User>();
    let update = sessions.update(&name, |user| user.theme = "outside".into());
    let (updated, _) = overtake(site.parking(), (Commit, Before), update, browser.post("/logout")).await;
    assert!(updated.unwrap().is_none());
    assert_eq!(sessions.count(&7).await.unwrap(), 0);
}

#[rocket::async_test]
async fn a_12_fifty_sign_ins_at_once_leave_as_many_sessions_as_are_allowed() {
    let site = Site::builder().config(|config| config.max_per_user = Some(3)).open().await;
    let browsers: Vec<_> = (0..50).map(|_| site.browser()).collect();
    let parked: Vec<_> = (0..50).map(|_| site.parking().park(Create, Before)).collect();
    let release = async {
        for parked in &parked {
            parked.reached().await;
        }
        release_all(&parked);
    };
    let logins = join_all(browsers.iter().map(|browser| browser.post("/login/7/member")));
    let (answers, ()) = join!(logins, release);
    assert!(answers.iter().all(|answer| answer.code() == 200));
    let mut alive = 0;
    for browser in &browsers {
        alive += usize::from(browser.get("/me").await.code() == 200);
    }
    assert_eq!(alive, 3);
    let capped = site.event_kinds().into_iter().filter(|kind| *kind == EventKind::Ended(EndedBy::Cap));
    assert_eq!(capped.count(), 47);
}

#[rocket::async_test]
async fn the_cap_ends_the_session_that_was_seen_longest_ago_and_never_the_new_one() {
    let site = Site::builder().config(|config| config.max_per_user = Some(2)).open().await;
    let first = site.member(7).await;
    site.clock.advance(Duration::from_mins(1));
    let second = site.member(7).await;
    site.clock.advance(Duration::from_mins(10));
    assert_alive(&first).await;
    let third = site.member(7).await;
    assert_alive(&first).await;
    assert_alive(&third).await;
    assert_dead(&second).await;
}

#[rocket::async_test]
async fn the_cap_binds_who_gets_an_identifier_by_rotation() {
    let site = Site::builder().config(|config| config.max_per_user = Some(2)).open().await;
    let guests: Vec<_> = (0..10).map(|_| site.browser()).collect();
    for guest in &guests {
        guest.post("/guest/hit").await;
    }
    let answers = join_all(guests.iter().map(|guest| guest.post("/guest/account/ada"))).await;
    assert!(answers.iter().all(|answer| answer.code() == 200));
    assert_eq!(site.sessions::<Guest>().count(&"ada".to_owned()).await.unwrap(), 2);
}

#[rocket::async_test]
async fn a_shorter_life_holds_against_a_request_that_does_not_know_it() {
    for (path, operation) in [("/me", Touch), ("/hard/take-and-edit/dark", Commit)] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let tab = browser.copy();
        let slow = browser.get(path);
        overtake(site.parking(), (operation, Before), slow, tab.post("/ttl/60")).await;
        assert_alive(&tab).await;
        site.clock.advance(Duration::from_secs(61));
        assert_eq!(tab.get("/me").await.code(), 401, "{path}");
    }
}

#[rocket::async_test]
async fn a_shorter_life_that_is_written_after_a_later_use_holds() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    site.clock.advance(HOUR / 2);
    let meanwhile = async {
        site.clock.advance(Duration::from_secs(10));
        tab.get("/me").await
    };
    overtake(site.parking(), (Commit, Before), browser.post("/ttl/60"), meanwhile).await;
    site.clock.advance(Duration::from_secs(51));
    assert_eq!(tab.get("/me").await.code(), 401);
}
