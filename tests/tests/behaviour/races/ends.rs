//! Ending is final.

use super::*;

#[rocket::async_test]
async fn a_06_a_commit_in_flight_over_a_logout_does_not_revive_the_session() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let (tab, thief) = (browser.copy(), browser.copy());
    let (late, logout) =
        overtake(site.parking(), (Commit, Before), browser.post("/theme/dark"), tab.post("/logout")).await;
    assert_eq!(logout.code(), 200);
    assert_lost(&late, 401);
    assert_eq!(late.body, "401 Some(Gone)");
    assert_dead(&thief).await;
    assert!(memory.is_empty());
    assert!(site.event_kinds().contains(&EventKind::Gone));
}

#[rocket::async_test]
async fn a_logout_after_a_commit_that_is_not_answered_yet_ends_the_session() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let (tab, thief) = (browser.copy(), browser.copy());
    let (late, logout) =
        overtake(site.parking(), (Commit, After), browser.post("/theme/dark"), tab.post("/logout")).await;
    assert_eq!((late.code(), logout.code()), (200, 200));
    assert_silent(&late);
    assert_dead(&thief).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_06_a_touch_in_flight_over_a_logout_does_not_revive_the_session() {
    for when in [Before, After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.browser();
        assert_eq!(browser.post("/remember/7/864000").await.code(), 200);
        site.clock.advance(HOUR);
        let (tab, thief) = (browser.copy(), browser.copy());
        let (late, _) = overtake(site.parking(), (Touch, when), browser.get("/me"), tab.post("/logout")).await;
        assert_eq!(late.code(), 200);
        assert!(late.body.starts_with("7 Member"));
        if when == Before {
            assert_silent(&late);
        }
        assert_dead(&thief).await;
        assert!(memory.is_empty());
    }
}

#[rocket::async_test]
async fn a_06_a_rotation_in_flight_over_a_logout_does_not_revive_the_session() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let (late, _) = overtake(site.parking(), (Rotate, Before), browser.post("/rotate"), tab.post("/logout")).await;
    assert_lost(&late, 401);
    assert_dead(&browser).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_logout_with_the_old_token_ends_a_session_that_was_just_rotated() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let (rotated, logout) =
        overtake(site.parking(), (Rotate, After), browser.post("/rotate"), tab.post("/logout")).await;
    assert_eq!((rotated.code(), logout.code()), (200, 200));
    assert_eq!(logout.cookies.len(), 1);
    assert_dead(&browser).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_delete_in_flight_over_a_rotation_follows_the_session() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let (logout, rotated) =
        overtake(site.parking(), (Delete, Before), browser.post("/logout"), tab.post("/rotate")).await;
    assert_eq!((logout.code(), rotated.code()), (200, 200));
    assert_dead(&tab).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_delete_follows_two_rotations_and_a_commit_after_them_is_lost() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let delete = site.parking().park(Delete, Before);
    let commit = site.parking().park(Commit, Before);
    let other = async {
        delete.reached().await;
        tab.post("/rotate").await;
        tab.post("/role/admin").await;
        let third = tab.copy();
        let (late, ()) = join!(third.post("/theme/dark"), async {
            commit.reached().await;
            delete.release();
        });
        late
    };
    let finish = async {
        let logout = browser.post("/logout").await;
        commit.release();
        logout
    };
    let (logout, late) = join!(finish, other);
    assert_eq!(logout.code(), 200);
    assert_lost(&late, 401);
    assert_dead(&tab).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn a_renewal_in_flight_over_a_logout_does_not_revive_the_session() {
    for when in [Before, After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).config(|config| config.renew = Some(HOUR / 2)).open().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let tab = browser.copy();
        let (late, _) = overtake(site.parking(), (Rotate, when), browser.get("/me"), tab.post("/logout")).await;
        assert_eq!(late.code(), 200);
        assert_eq!(late.cookies.is_empty(), when == Before);
        assert_dead(&browser).await;
        assert!(memory.is_empty());
    }
}

#[rocket::async_test]
async fn a_logout_with_any_token_of_a_renewal_ends_them_all() {
    for ender in 0..3 {
        let site = renewing().await;
        let old = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let new = old.copy();
        new.get("/me").await;
        assert_ne!(new.token(), old.token());
        let ended_by = match ender {
            0 => old.copy(),
            1 => new.copy(),
            _ => {
                assert_alive(&new).await;
                old.copy()
            }
        };
        let answer = ended_by.post("/logout").await;
        assert_eq!((answer.code(), answer.cookies.len()), (200, 1));
        assert_dead(&old).await;
        assert_dead(&new).await;
    }
}

#[rocket::async_test]
async fn a_promotion_in_flight_over_a_logout_does_not_revive_the_session() {
    let site = renewing().await;
    let old = site.member(7).await;
    site.clock.advance(HOUR / 2);
    let new = old.copy();
    new.get("/me").await;
    let (late, _) = overtake(site.parking(), (Touch, Before), new.get("/me"), old.post("/logout")).await;
    assert_eq!(late.code(), 200);
    assert_silent(&late);
    assert_dead(&new).await;
}

#[rocket::async_test]
async fn others_in_flight_are_lost_when_they_are_ended() {
    for (path, operation) in [("/theme/dark", Commit), ("/rotate", Rotate), ("/role/admin", Rotate)] {
        let site = Site::open().await;
        let (browser, other) = (site.member(7).await, site.member(7).await);
        let (late, ended) =
            overtake(site.parking(), (operation, Before), other.post(path), browser.post("/end-others")).await;
        assert_eq!(ended.body, "Some(1)");
        assert_lost(&late, 401);
        assert_dead(&other).await;
        assert_alive(&browser).await;
    }
}

#[rocket::async_test]
async fn a_11_everything_in_flight_is_lost_when_all_are_ended() {
    for (path, operation) in [("/theme/dark", Commit), ("/rotate", Rotate), ("/authenticate", Rotate)] {
        let site = Site::open().await;
        let (browser, other) = (site.member(7).await, site.member(7).await);
        let (late, ended) =
            overtake(site.parking(), (operation, Before), other.post(path), browser.post("/end-all")).await;
        assert_eq!((ended.body.as_str(), ended.cookies.len()), ("Some(2)", 1));
        assert_lost(&late, 401);
        assert_dead(&other).await;
        assert_eq!(browser.cookie("__Host-session"), None);
    }
}

#[rocket::async_test]
async fn all_means_what_took_effect_before() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let newer = site.browser();
    let login = newer.post("/login/7/member");
    let (login, ended) = overtake(site.parking(), (Create, Before), login, browser.post("/end-all")).await;
    assert_eq!((login.code(), ended.body.as_str()), (200, "Some(1)"));
    assert_alive(&newer).await;

    let older = site.browser();
    let login = older.post("/login/7/member");
    let (login, ended) = overtake(site.parking(), (Create, After), login, newer.post("/end-all")).await;
    assert_eq!((login.code(), ended.body.as_str()), (200, "Some(2)"));
    assert_dead(&older).await;
}

#[rocket::async_test]
async fn a_rotation_that_took_effect_is_ended_with_all_by_name() {
    let site = Site::open().await;
    let (browser, other) = (site.member(7).await, site.member(7).await);
    let (late, ended) =
        overtake(site.parking(), (Rotate, After), other.post("/rotate"), browser.post("/end-others")).await;
    assert_eq!((late.code(), ended.body.as_str()), (200, "Some(1)"));
    assert_dead(&other).await;
}

#[rocket::async_test]
async fn ending_others_spares_this_session_though_it_is_rotated_meanwhile() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.member(7).await;
    let tab = browser.copy();
    let ending = browser.post("/end-others");
    let (ended, rotated) = overtake(site.parking(), (DeleteAll, Before), ending, tab.post("/rotate")).await;
    assert_eq!((ended.body.as_str(), rotated.code()), ("Some(1)", 200));
    assert_alive(&tab).await;
    assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 1);
}

#[rocket::async_test]
async fn ending_one_by_name_ends_it_though_it_is_rotated_meanwhile() {
    let site = Site::open().await;
    let (browser, other) = (site.member(7).await, site.member(7).await);
    let path = format!("/end/{}", other.handle().await);
    let (ended, rotated) =
        overtake(site.parking(), (DeleteHandle, Before), browser.post(&path), other.post("/rotate")).await;
    assert_eq!((ended.body.as_str(), rotated.code()), ("Some(true)", 200));
    assert_dead(&other).await;
}

#[rocket::async_test]
async fn the_application_ends_a_session_over_a_commit_in_flight() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let handle = browser.handle().await;
    let sessions = site.sessions::<User>();
    let ending = sessions.end_one(&handle);
    let (late, ended) = overtake(site.parking(), (Commit, Before), browser.post("/visit"), ending).await;
    assert!(ended.unwrap());
    assert_lost(&late, 401);
    assert_dead(&browser).await;
}

#[rocket::async_test]
async fn a_session_of_nobody_that_becomes_somebodys_is_not_ended_by_the_old_token() {
    let site = Site::open().await;
    let guest = guest_with_hits(&site).await;
    let parking = site.guests.inner().inner();
    let (ended, signed_in) =
        overtake(parking, (Delete, Before), guest.post("/guest/end"), guest.post("/guest/account/ada")).await;
    assert_eq!((signed_in.code(), signed_in.cookies.len()), (200, 1));
    assert_silent(&ended);
    assert_eq!(guest.get("/guest").await.body, "Some(\"ada\") 1 ");
    assert!(!site.event_kinds().contains(&EventKind::Ended(EndedBy::Owner)));
}

#[rocket::async_test]
async fn a_session_of_somebody_that_becomes_anothers_is_ended_by_the_old_token() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (ended, changed) =
        overtake(site.parking(), (Delete, Before), browser.post("/logout"), browser.post("/identify/8")).await;
    assert_eq!((ended.code(), changed.code()), (200, 200));
    assert_eq!(site.sessions::<User>().count(&8).await.unwrap(), 0);
}

#[rocket::async_test]
async fn a_logout_that_comes_second_does_not_remove_the_newer_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let meanwhile = async {
        assert_eq!(browser.post("/logout").await.cookies.len(), 1);
        browser.post("/login/8/member").await
    };
    let (late, login) = overtake(site.parking(), (Delete, Before), browser.post("/logout"), meanwhile).await;
    assert_eq!((late.code(), login.cookies.len()), (200, 1));
    assert_silent(&late);
    assert!(browser.get("/me").await.body.starts_with("8 Member"));
    let ends = site.event_kinds().into_iter().filter(|kind| *kind == EventKind::Ended(EndedBy::Owner));
    assert_eq!(ends.count(), 1);
}

#[rocket::async_test]
async fn ending_oneself_by_name_second_does_not_remove_the_newer_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let path = format!("/end/{}", browser.handle().await);
    let meanwhile = async {
        browser.post("/logout").await;
        browser.post("/login/8/member").await
    };
    let (late, _) = overtake(site.parking(), (DeleteHandle, Before), browser.post(&path), meanwhile).await;
    assert_eq!(late.body, "Some(false)");
    assert_silent(&late);
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn who_finds_its_session_gone_moved_or_unknown_is_sent_no_cookie() {
    let site = Site::open().await;
    let gone = site.member(7).await;
    gone.copy().post("/logout").await;
    let moved = site.member(7).await;
    moved.copy().post("/rotate").await;
    let unknown = site.browser();
    unknown.set_cookie("__Host-session", "unknown");
    for browser in [gone, moved, unknown] {
        for path in ["/me", "/session", "/maybe", "/why", "/list"] {
            assert_silent(&browser.get(path).await);
        }
        assert_silent(&browser.post("/theme/dark").await);
        assert!(browser.cookie("__Host-session").is_some());
    }
}

#[rocket::async_test]
async fn a_logout_with_a_token_of_no_session_sends_no_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    browser.copy().post("/logout").await;
    let answer = browser.post("/logout").await;
    assert_eq!(answer.code(), 200);
    assert_silent(&answer);
}

#[rocket::async_test]
async fn end_during_the_save_that_begins_a_session_ends_it() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.browser();
    let (answer, ()) =
        overtake(site.parking(), (Create, Before), browser.post("/hard/end-while-starting/7"), async {}).await;
    assert_eq!(answer.body, "Ok(()) false");
    assert!(memory.is_empty());
    assert_eq!(browser.cookie("__Host-session"), None);
}

#[rocket::async_test]
async fn end_during_the_save_that_rotates_ends_the_session() {
    for when in [Before, After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let rotating = browser.post("/hard/end-while-rotating");
        let (answer, ()) = overtake(site.parking(), (Rotate, when), rotating, async {}).await;
        assert_eq!(answer.body, "Ok(()) false");
        assert!(memory.is_empty());
        assert_eq!(browser.cookie("__Host-session"), None);
    }
}

#[rocket::async_test]
async fn an_end_whose_save_is_abandoned_is_carried_out() {
    for when in [Before, After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        site.events();
        let parked = site.parking().park(Delete, when);
        let answer = browser.post("/hard/abandon-end").await;
        drop(parked);
        assert_eq!((answer.code(), answer.body.as_str()), (200, "abandoned"));
        assert_eq!(answer.cookies.len(), 1);
        assert_eq!(site.event_kinds(), [EventKind::Ended(EndedBy::Owner)]);
        assert_dead(&thief).await;
        assert!(memory.is_empty());
    }
}

/// What was written meanwhile has ended with it.
#[rocket::async_test]
async fn all_are_ended_while_the_own_session_is_written() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    site.events();
    let parked = site.parking().park(Commit, After);
    let (answer, ()) = join!(browser.post("/hard/save-and-end-all"), async {
        parked.reached().await;
        parked.release();
    });
    assert_eq!((answer.code(), answer.body.as_str()), (200, "Some(1)"));
    assert_eq!(answer.cookies.len(), 1);
    assert_eq!(browser.cookie("__Host-session"), None);
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn ending_a_session_by_name_before_it_is_saved_ends_what_was_there() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let thief = browser.copy();
    assert_eq!(browser.post("/hard/end-own-new").await.body, "Some(false) false");
    assert_dead(&thief).await;
    assert!(memory.is_empty());
}

#[rocket::async_test]
async fn ending_all_right_after_signing_in_leaves_nobody_signed_in() {
    for id in [7, 8] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        assert_eq!(browser.post(&format!("/hard/start-and-end-all/{id}")).await.code(), 200);
        assert!(memory.is_empty());
        assert_eq!(browser.cookie("__Host-session"), None);
    }
}

#[rocket::async_test]
async fn a_session_that_is_gone_before_a_second_save_brings_no_cookie() {
    let site = Site::open().await;
    let browser = site.browser();
    let admin = site.member(7).await;
    let (late, _) =
        overtake(site.parking(), (Commit, Before), browser.post("/hard/start-save-edit/7"), admin.post("/end-others"))
            .await;
    assert_lost(&late, 401);
}

/// Long enough for a key to be neither in grace nor a marker any more.
const FORGOTTEN: Duration = Duration::from_secs(31);

/// Renews the token of a tab, and presents the new one.
async fn renew(site: &Site, tab: &Browser<'_>) {
    let before = tab.token();
    site.clock.advance(HOUR / 2);
    tab.get("/me").await;
    assert_ne!(tab.token(), before);
    assert_alive(tab).await;
}

#[rocket::async_test]
async fn a_05_a_logout_ends_the_session_though_its_token_was_replaced_long_ago() {
    for renews in [false, true] {
        let site = renewing().await;
        let browser = site.member(7).await;
        let tab = browser.copy();
        let meanwhile = async {
            if renews {
                renew(&site, &tab).await;
            } else {
                tab.post("/rotate").await;
            }
            site.clock.advance(FORGOTTEN);
        };
        let (logout, ()) = overtake(site.parking(), (Load, After), browser.post("/logout"), meanwhile).await;
        assert_eq!((logout.code(), logout.cookies.len()), (200, 1));
        assert_dead(&tab).await;
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0);
        let ends = site.event_kinds().into_iter().filter(|kind| *kind == EventKind::Ended(EndedBy::Owner));
        assert_eq!(ends.count(), 1);
    }
}

#[rocket::async_test]
async fn a_05_signing_in_ends_what_there_was_though_its_token_was_replaced_long_ago() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let meanwhile = async {
        tab.post("/rotate").await;
        site.clock.advance(FORGOTTEN);
    };
    let (login, ()) = overtake(site.parking(), (Load, After), browser.post("/login/8/member"), meanwhile).await;
    assert_eq!(login.code(), 200);
    assert_dead(&tab).await;
    assert_alive(&browser).await;
}

#[rocket::async_test]
async fn signing_in_at_the_end_of_a_grace_ends_what_there_was() {
    let site = renewing().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    renew(&site, &tab).await;
    site.clock.advance(GRACE - Duration::from_secs(1));
    let meanwhile = async { site.clock.advance(Duration::from_secs(1)) };
    let (login, ()) = overtake(site.parking(), (Load, After), browser.post("/login/8/member"), meanwhile).await;
    assert_eq!(login.code(), 200);
    assert_dead(&tab).await;
}

#[rocket::async_test]
async fn a_session_of_nobody_that_became_somebodys_long_ago_is_not_ended_by_the_old_token() {
    for path in ["/guest/end", "/guest/start/eve"] {
        let site = Site::open().await;
        let guest = guest_with_hits(&site).await;
        let tab = guest.copy();
        let meanwhile = async {
            tab.post("/guest/account/ada").await;
            site.clock.advance(FORGOTTEN);
        };
        overtake(site.guests.inner().inner(), (Load, After), guest.post(path), meanwhile).await;
        assert_eq!(tab.get("/guest").await.body, "Some(\"ada\") 1 ", "{path}");
    }
}

#[rocket::async_test]
async fn a_sign_in_looks_for_a_lost_session_only_if_it_may_be_lost() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    site.storage.clear();
    browser.post("/login/8/member").await;
    assert_eq!(site.storage.count(DeleteHandle), 0);
}

#[rocket::async_test]
async fn of_two_that_end_all_only_the_one_that_did_removes_the_cookie() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let (late, first) =
        overtake(site.parking(), (DeleteAll, Before), browser.post("/end-all"), tab.post("/end-all")).await;
    assert_eq!((first.body.as_str(), first.cookies.len()), ("Some(1)", 1));
    assert_eq!(late.body, "Some(0)");
    assert_silent(&late);
}
