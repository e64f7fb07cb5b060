//! What the losing request gets.

use super::*;

#[rocket::async_test]
async fn a_rotation_meanwhile_is_a_conflict_and_a_repeat_succeeds() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (late, rotated) =
        overtake(site.parking(), (Commit, Before), browser.post("/theme/dark"), browser.post("/rotate")).await;
    assert_eq!(rotated.cookies.len(), 1);
    assert_lost(&late, 409);
    assert_eq!(late.body, "409 Some(Conflict(\"\"))");
    assert_eq!(browser.get("/owned").await.body, "light");
    assert_eq!(browser.post("/theme/dark").await.code(), 200);
    assert_eq!(browser.get("/owned").await.body, "dark");
    assert!(site.event_kinds().contains(&EventKind::Conflict(None)));
}

#[rocket::async_test]
async fn the_holder_of_an_old_token_writes_nothing_into_a_session_of_higher_privilege() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let thief = browser.copy();
    let (late, _) =
        overtake(site.parking(), (Commit, Before), thief.post("/theme/evil"), browser.post("/role/admin")).await;
    assert_lost(&late, 409);
    assert!(browser.get("/me").await.body.starts_with("7 Admin light"));
    assert_eq!(thief.get("/admin").await.code(), 401);
}

#[rocket::async_test]
async fn of_two_rotations_one_wins() {
    for path in ["/rotate", "/authenticate", "/role/admin", "/identify/8", "/set/7"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let tab = browser.copy();
        let (late, first) = overtake(site.parking(), (Rotate, Before), browser.post(path), tab.post(path)).await;
        assert_eq!((first.code(), first.cookies.len()), (200, 1), "{path}");
        assert_lost(&late, 409);
        assert_alive(&tab).await;
    }
}

#[rocket::async_test]
async fn three_requests_and_a_rotation_lose_nothing_that_was_acknowledged() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    let (second, third) = (browser.copy(), browser.copy());
    let late = site.parking().park(Commit, Before);
    let others = async {
        late.reached().await;
        let unanswered = site.parking().park(Commit, After);
        let rotate = async {
            unanswered.reached().await;
            let answer = third.post("/rotate").await;
            late.release();
            unanswered.release();
            answer
        };
        join!(second.post("/language/de"), rotate)
    };
    let (theme, (language, rotated)) = join!(browser.post("/theme/dark"), others);
    assert_eq!(rotated.code(), 200);
    let me = third.get("/me").await.body;
    let mut acknowledged = 0;
    for (answer, text) in [(theme, "dark"), (language, "de")] {
        assert_eq!(answer.code() == 200, me.contains(text), "{answer:?} {me}");
        assert_silent(&answer);
        acknowledged += usize::from(answer.code() == 200);
    }
    assert_eq!(acknowledged, 1);
}

#[rocket::async_test]
async fn a_gone_session_of_nobody_is_a_conflict() {
    for path in ["/guest/hit", "/guest/account/ada", "/guest/search/boots"] {
        let site = Site::open().await;
        let guest = guest_with_hits(&site).await;
        let tab = guest.copy();
        let operation = if path.contains("account") { Rotate } else { Commit };
        let parking = site.guests.inner().inner();
        let (late, _) = overtake(parking, (operation, Before), guest.post(path), tab.post("/guest/end")).await;
        assert_lost(&late, 409);
    }
}

#[rocket::async_test]
async fn a_gone_session_of_somebody_is_unauthorized_though_the_type_is_not_required() {
    for (path, operation) in [("/guest/hit", Commit), ("/hard/forget", Rotate)] {
        let site = Site::open().await;
        let guest = guest_with_hits(&site).await;
        guest.post("/guest/account/ada").await;
        let tab = guest.copy();
        let parking = site.guests.inner().inner();
        let (late, _) = overtake(parking, (operation, Before), guest.post(path), tab.post("/guest/end")).await;
        assert_lost(&late, 401);
    }
}

#[rocket::async_test]
async fn who_only_took_a_flash_keeps_its_answer() {
    for path in ["/rotate", "/logout"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/notice/hello").await;
        let tab = browser.copy();
        let (late, _) = overtake(site.parking(), (Commit, Before), browser.get("/notice"), tab.post(path)).await;
        assert_eq!((late.code(), late.body.as_str()), (200, "hello"));
        assert_silent(&late);
    }
}

#[rocket::async_test]
async fn who_only_used_the_session_keeps_its_answer() {
    for path in ["/rotate", "/logout"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let tab = browser.copy();
        let (late, _) = overtake(site.parking(), (Touch, Before), browser.get("/me"), tab.post(path)).await;
        assert_eq!(late.code(), 200);
        assert_silent(&late);
    }
}

#[rocket::async_test]
async fn signing_in_is_never_gone() {
    for path in ["/logout", "/rotate", "/end-all", "/role/admin", "/identify/9"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let tab = browser.copy();
        let login = browser.post("/login/8/member");
        let (login, _) = overtake(site.parking(), (Rotate, Before), login, tab.post(path)).await;
        assert_eq!((login.code(), login.cookies.len()), (200, 1), "{path}");
        assert!(browser.get("/me").await.body.starts_with("8 Member"), "{path}");
        assert_eq!(tab.get("/me").await.code(), 401, "{path}");
    }
}

#[rocket::async_test]
async fn two_sign_ins_over_one_session_leave_the_last_one() {
    let memory = Arc::new(MemoryStorage::new());
    let site = Site::builder().storage(memory.clone()).open().await;
    let browser = site.member(7).await;
    let tab = browser.copy();
    let login = browser.post("/login/8/member");
    let (late, first) = overtake(site.parking(), (Rotate, Before), login, tab.post("/login/9/member")).await;
    assert_eq!((late.code(), first.code()), (200, 200));
    assert!(browser.get("/me").await.body.starts_with("8 Member"));
    assert_dead(&tab).await;
    assert_eq!(memory.len(), 1);
}

#[rocket::async_test]
async fn a_moved_token_is_no_session() {
    let site = Site::open().await;
    let old = site.member(7).await;
    old.copy().post("/rotate").await;
    site.events();
    assert_dead(&old).await;
    assert!(site.event_kinds().contains(&EventKind::Refused(RefusedCookie::Moved)));
    site.clock.advance(GRACE);
    assert_dead(&old).await;
    assert!(site.event_kinds().contains(&EventKind::Refused(RefusedCookie::NoSession)));
}

#[rocket::async_test]
async fn the_first_edit_with_a_moved_token_does_not_overwrite_the_newer_cookie() {
    let site = Site::open().await;
    let guest = guest_with_hits(&site).await;
    let tab = guest.copy();
    guest.post("/guest/account/ada").await;
    assert_eq!(tab.get("/guest").await.body, "None 0 ");
    site.events();
    for path in ["/guest/hit", "/guest/search/boots", "/guest/account/eve"] {
        assert_lost(&tab.post(path).await, 409);
    }
    let events = site.event_kinds();
    assert!(events.contains(&EventKind::Conflict(None)), "{events:?}");
    assert!(!events.contains(&EventKind::EditsLost), "{events:?}");
    assert_eq!(guest.get("/guest").await.body, "Some(\"ada\") 1 ");
}

#[rocket::async_test]
async fn a_save_that_was_refused_is_not_refused_again() {
    let site = Site::open().await;
    let guest = guest_with_hits(&site).await;
    let tab = guest.copy();
    guest.post("/guest/account/ada").await;
    let answer = tab.post("/hard/guest-save/boots").await;
    assert_eq!((answer.code(), answer.body.as_str()), (200, "Err(Moved)"));
    assert_silent(&answer);
}

#[rocket::async_test]
async fn signing_in_with_a_moved_token_ends_the_moved_session() {
    let site = Site::open().await;
    let old = site.member(7).await;
    let new = old.copy();
    new.post("/rotate").await;
    assert_eq!(old.post("/login/8/member").await.code(), 200);
    assert_alive(&old).await;
    assert_dead(&new).await;
}

#[rocket::async_test]
async fn signing_in_with_a_planted_token_leaves_its_victim_signed_in() {
    for path in ["/guest/account/ada", "/guest/start/ada"] {
        let site = Site::open().await;
        let attacker = guest_with_hits(&site).await;
        let victim = attacker.copy();
        assert_eq!(victim.post(path).await.code(), 200, "{path}");
        assert_eq!(attacker.post("/guest/start/eve").await.code(), 200, "{path}");
        assert!(attacker.get("/guest").await.body.starts_with("Some(\"eve\")"), "{path}");
        assert!(victim.get("/guest").await.body.starts_with("Some(\"ada\")"), "{path}");
    }
}

#[rocket::async_test]
async fn a_start_during_a_save_begins_anew() {
    for when in [Before, After] {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        let starting = browser.post("/hard/start-while-saving/8");
        let (answer, ()) = overtake(site.parking(), (Commit, when), starting, async {}).await;
        assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Ok(())", 1));
        assert!(browser.get("/me").await.body.starts_with("8 Member light"));
        assert_dead(&thief).await;
        assert_eq!(memory.len(), 1);
    }
}

#[rocket::async_test]
async fn an_edit_during_a_save_is_saved_after_it() {
    for when in [Before, After] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let editing = browser.post("/hard/edit-while-saving/dark");
        let (answer, ()) = overtake(site.parking(), (Commit, when), editing, async {}).await;
        assert_eq!(answer.body, "Ok(())");
        assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 2"));
    }
}

#[rocket::async_test]
async fn who_took_a_flash_and_set_another_loses_it_with_the_session() {
    for page in ["/hard/take-and-update/new", "/hard/take-and-set/new"] {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/notice/old").await;
        let (setting, tab) = (browser.get(page), browser.copy());
        let (late, _) = overtake(site.parking(), (Commit, Before), setting, tab.post("/logout")).await;
        assert_lost(&late, 401);
    }
}

#[rocket::async_test]
async fn a_head_request_that_takes_a_flash_and_sets_another_sets_it() {
    let site = Site::open().await;
    let browser = site.member(7).await;
    for page in ["/hard/take-and-update/new", "/hard/take-and-set/new"] {
        browser.post("/notice/old").await;
        assert_eq!(browser.head(page).await.code(), 200);
        assert_eq!(browser.get("/notice").await.body, "new", "{page}");
    }
}
