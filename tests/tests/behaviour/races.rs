//! Requests that race, in an order that the storage decides.

use std::sync::Arc;
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::tokio::join;
use rocket::tokio::time::timeout;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Operation, ParkStorage, When};
use rocket_typed_session::{EndedBy, EventKind, Handle, RefusedCookie};
use rocket_typed_session_tests::{Answer, Browser, Guest, Role, Site, User};

use Operation::{Commit, Create, Delete, DeleteAll, DeleteHandle, Load, Rotate, Touch};
use When::{After, Before};

/// How long a test waits before it fails.
const HANGING: Duration = Duration::from_secs(20);

const HOUR: Duration = Duration::from_hours(1);
const GRACE: Duration = Duration::from_secs(30);

/// Holds `first` at an operation while `meanwhile` runs, then lets it go on.
async fn overtake<S: rocket_typed_session::storage::SessionStorage, A, R>(
    parking: &ParkStorage<S>,
    (operation, when): (Operation, When),
    first: impl Future<Output = A>,
    meanwhile: impl Future<Output = R>,
) -> (A, R) {
    let parked = parking.park(operation, when);
    let race = async {
        join!(first, async {
            parked.reached().await;
            let result = meanwhile.await;
            parked.release();
            result
        })
    };
    timeout(HANGING, race).await.expect("the request comes to the operation")
}

fn assert_silent(answer: &Answer) {
    assert!(answer.cookies.is_empty(), "{answer:?}");
}

/// Asserts that an answer is what the loser of a race gets: the status, and no cookie.
fn assert_lost(answer: &Answer, code: u16) {
    assert_eq!(answer.code(), code, "{answer:?}");
    assert_silent(answer);
}

async fn assert_dead(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 401);
    assert_eq!(browser.get("/session").await.body, "nobody");
}

async fn assert_alive(browser: &Browser<'_>) {
    assert_eq!(browser.get("/me").await.code(), 200);
}

async fn handle(browser: &Browser<'_>) -> Handle {
    browser.get("/handle").await.body.parse().unwrap()
}

async fn renewing() -> Site {
    Site::builder().config(|config| config.renew = Some(HOUR / 2)).open().await
}

async fn guest_with_hits(site: &Site) -> Browser<'_> {
    let guest = site.browser();
    assert_eq!(guest.post("/guest/hit").await.code(), 200);
    assert_eq!(guest.get("/guest").await.body, "None 1 ");
    guest
}

/// Ending is final.
mod ends {
    use super::*;

    #[rocket::async_test]
    async fn a_commit_in_flight_over_a_logout_does_not_revive_the_session() {
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
    async fn a_touch_in_flight_over_a_logout_does_not_revive_the_session() {
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
    async fn a_rotation_in_flight_over_a_logout_does_not_revive_the_session() {
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
            let site =
                Site::builder().storage(memory.clone()).config(|config| config.renew = Some(HOUR / 2)).open().await;
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
    async fn everything_in_flight_is_lost_when_all_are_ended() {
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
        let path = format!("/end/{}", handle(&other).await);
        let (ended, rotated) =
            overtake(site.parking(), (DeleteHandle, Before), browser.post(&path), other.post("/rotate")).await;
        assert_eq!((ended.body.as_str(), rotated.code()), ("Some(true)", 200));
        assert_dead(&other).await;
    }

    #[rocket::async_test]
    async fn the_application_ends_a_session_over_a_commit_in_flight() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let handle = handle(&browser).await;
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
        let path = format!("/end/{}", handle(&browser).await);
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
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        let thief = browser.copy();
        let parked = site.parking().park(Delete, Before);
        let answer = browser.post("/hard/abandon-end").await;
        drop(parked);
        assert_eq!((answer.code(), answer.body.as_str()), (200, "abandoned"));
        assert_eq!(answer.cookies.len(), 1);
        assert_dead(&thief).await;
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
        let (late, _) = overtake(
            site.parking(),
            (Commit, Before),
            browser.post("/hard/start-save-edit/7"),
            admin.post("/end-others"),
        )
        .await;
        assert_lost(&late, 401);
    }
}

/// What the losing request gets.
mod losers {
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
        let early = site.parking().park(Commit, After);
        let late = site.parking().park(Commit, Before);
        let rotate = async {
            late.reached().await;
            early.release();
            let answer = third.post("/rotate").await;
            late.release();
            answer
        };
        // The first to commit takes both places: it waits before and after.
        let (theme, language, rotated) = join!(browser.post("/theme/dark"), second.post("/language/de"), rotate);
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
}

/// Rotation.
mod rotations {
    use super::*;

    #[rocket::async_test]
    async fn setting_a_role_rotates_though_it_is_the_same() {
        for path in ["/hard/same-role", "/role/member", "/identify/7", "/set/7", "/rotate", "/authenticate"] {
            let site = Site::open().await;
            let browser = site.member(7).await;
            let (old, name) = (browser.copy(), handle(&browser).await);
            assert_eq!(browser.post(path).await.cookies.len(), 1, "{path}");
            assert_dead(&old).await;
            assert_eq!(handle(&browser).await, name, "{path}");
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
    async fn twenty_requests_during_a_renewal_sign_nobody_out() {
        let site = renewing().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        // Every third response is lost on its way.
        let lost: Vec<_> = (0..20).map(|_| browser.copy()).collect();
        let requests = (0..20).map(|number| {
            let from = if number % 3 == 0 { &lost[number] } else { &browser };
            async move { from.post("/visit").await }
        });
        let answers = join_all(requests).await;
        assert!(answers.iter().all(|answer| answer.code() == 200));
        let issued: Vec<_> = answers.iter().flat_map(|answer| &answer.cookies).collect();
        assert_eq!(issued.len(), 1, "one token is pending at a time");
        for browser in lost.iter().chain([&browser]) {
            assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 20"));
        }
    }

    #[rocket::async_test]
    async fn twenty_requests_held_at_their_renewal_get_one_token() {
        let site = renewing().await;
        let browser = site.member(7).await;
        site.clock.advance(HOUR / 2);
        let parked: Vec<_> = (0..20).map(|_| site.parking().park(Rotate, Before)).collect();
        let release = async {
            for parked in &parked {
                parked.reached().await;
            }
            parked.iter().for_each(|parked| parked.release());
        };
        let copies: Vec<_> = (0..20).map(|_| browser.copy()).collect();
        let (answers, ()) = join!(join_all(copies.iter().map(|copy| copy.get("/me"))), release);
        assert!(answers.iter().all(|answer| answer.code() == 200));
        assert_eq!(answers.iter().map(|answer| answer.cookies.len()).sum::<usize>(), 1);
        for copy in &copies {
            assert_alive(copy).await;
        }
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
        site.clock.advance(GRACE - Duration::from_millis(1));
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
        let name = handle(&browser).await;
        let updated = site.sessions::<User>().update(&name, |user| user.role = Role::Member).await.unwrap();
        assert!(updated.is_some());
        let old = browser.copy();
        assert_eq!(browser.get("/admin").await.code(), 403);
        assert_ne!(browser.token(), old.token());
        assert_dead(&old).await;
        assert_eq!(handle(&browser).await, name);
        assert_silent(&browser.get("/me").await);
    }

    #[rocket::async_test]
    async fn of_two_reads_after_a_role_set_from_outside_none_is_refused() {
        let site = Site::open().await;
        let browser = site.admin(7).await;
        let name = handle(&browser).await;
        site.sessions::<User>().update(&name, |user| user.role = Role::Member).await.unwrap();
        let (late, first) = overtake(site.parking(), (Rotate, Before), browser.get("/me"), browser.get("/me")).await;
        assert_eq!((first.code(), first.cookies.len()), (200, 1));
        assert_eq!(late.code(), 200);
        assert_silent(&late);
        assert_alive(&browser).await;
    }

    #[rocket::async_test]
    async fn a_role_set_from_outside_is_seen_by_a_token_in_grace_which_still_writes() {
        let site = renewing().await;
        let old = site.admin(7).await;
        let name = handle(&old).await;
        site.clock.advance(HOUR / 2);
        let new = old.copy();
        new.get("/me").await;
        new.get("/me").await;
        site.sessions::<User>().update(&name, |user| user.role = Role::Member).await.unwrap();
        assert_eq!(old.get("/admin").await.code(), 403);
        assert_eq!(old.post("/theme/dark").await.code(), 200);
        assert_eq!(new.get("/me").await.cookies.len(), 1);
        assert_dead(&old).await;
        assert!(new.get("/me").await.body.starts_with("7 Member dark"));
    }

    #[rocket::async_test]
    async fn an_edit_from_outside_finds_a_session_that_is_rotated_meanwhile() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let name = handle(&browser).await;
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
        let name = handle(&browser).await;
        let sessions = site.sessions::<User>();
        let update = sessions.update(&name, |user| user.theme = "outside".into());
        let (updated, _) = overtake(site.parking(), (Commit, Before), update, browser.post("/logout")).await;
        assert!(updated.unwrap().is_none());
        assert_eq!(sessions.count(&7).await.unwrap(), 0);
    }

    #[rocket::async_test]
    async fn fifty_sign_ins_at_once_leave_as_many_sessions_as_are_allowed() {
        let site = Site::builder().config(|config| config.max_per_user = Some(3)).open().await;
        let browsers: Vec<_> = (0..50).map(|_| site.browser()).collect();
        let parked: Vec<_> = (0..50).map(|_| site.parking().park(Create, Before)).collect();
        let release = async {
            for parked in &parked {
                parked.reached().await;
            }
            parked.iter().for_each(|parked| parked.release());
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
}

/// Patches.
mod merges {
    use super::*;

    /// Posts both so that both load before either commits, and the first one commits last.
    async fn both(site: &Site, first: (&Browser<'_>, &str), second: (&Browser<'_>, &str)) -> (Answer, Answer) {
        overtake(site.parking(), (Commit, Before), first.0.post(first.1), second.0.post(second.1)).await
    }

    #[rocket::async_test]
    async fn two_requests_that_write_different_fields_both_survive() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let (first, second) = both(&site, (&browser, "/theme/dark"), (&browser, "/language/de")).await;
        assert_eq!((first.code(), second.code()), (200, 200));
        assert!(browser.get("/me").await.body.starts_with("7 Member dark de"));
    }

    #[rocket::async_test]
    async fn of_two_requests_that_write_one_field_the_last_wins() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        both(&site, (&browser, "/theme/dark"), (&browser, "/theme/blue")).await;
        assert_eq!(browser.get("/owned").await.body, "dark");
    }

    #[rocket::async_test]
    async fn of_two_requests_that_write_a_rejecting_field_exactly_one_wins() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let (late, first) = both(&site, (&browser, "/nickname/late"), (&browser, "/nickname/first")).await;
        assert_eq!(first.code(), 200);
        assert_lost(&late, 409);
        assert_eq!(late.body, "409 Some(Conflict(\"nickname\"))");
        assert!(browser.get("/me").await.body.contains(" first "));
        assert!(site.event_kinds().contains(&EventKind::Conflict(Some("nickname".into()))));
    }

    #[rocket::async_test]
    async fn a_rejected_field_rejects_the_whole_patch() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/nickname/changed").await;
        // `set` changes the theme and the nickname, in one rotation.
        let (late, first) =
            overtake(site.parking(), (Rotate, Before), browser.post("/set/7"), browser.post("/nickname/first")).await;
        assert_eq!(first.code(), 200);
        assert_lost(&late, 409);
        assert!(browser.get("/me").await.body.starts_with("7 Member light en first"));
    }

    #[rocket::async_test]
    async fn a_value_that_was_changed_and_changed_back_is_not_noticed() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let meanwhile = async {
            browser.post("/nickname/other").await;
            browser.post("/nickname/nick").await
        };
        let (late, _) = overtake(site.parking(), (Commit, Before), browser.post("/nickname/late"), meanwhile).await;
        assert_eq!(late.code(), 200);
        assert!(browser.get("/me").await.body.contains(" late "));
    }

    #[rocket::async_test]
    async fn a_refused_save_leaves_the_handlers_answer() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let (late, _) = both(&site, (&browser, "/try-save/late"), (&browser, "/nickname/first")).await;
        assert_eq!((late.code(), late.body.as_str()), (200, "Err(Conflict(\"nickname\"))"));
    }

    #[rocket::async_test]
    async fn two_hundred_visits_at_once_all_count() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let answers = join_all((0..200).map(|_| browser.post("/visit"))).await;
        assert!(answers.iter().all(|answer| answer.code() == 200));
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 200"));
    }

    #[rocket::async_test]
    async fn two_hundred_visits_that_were_all_loaded_before_one_is_written_all_count() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let parked: Vec<_> = (0..200).map(|_| site.parking().park(Commit, Before)).collect();
        let release = async {
            for parked in &parked {
                parked.reached().await;
            }
            parked.iter().for_each(|parked| parked.release());
        };
        let (answers, ()) = join!(join_all((0..200).map(|_| browser.post("/visit"))), release);
        assert!(answers.iter().all(|answer| answer.code() == 200));
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 200"));
    }

    #[rocket::async_test]
    async fn a_hundred_pairs_of_theme_and_language_lose_none() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        for number in 0..100 {
            let (theme, language) = (format!("/theme/t{number}"), format!("/language/l{number}"));
            let (first, second) = if number % 2 == 0 {
                both(&site, (&browser, &theme), (&browser, &language)).await
            } else {
                both(&site, (&browser, &language), (&browser, &theme)).await
            };
            assert_eq!((first.code(), second.code()), (200, 200));
            let me = browser.get("/me").await.body;
            assert!(me.starts_with(&format!("7 Member t{number} l{number} ")), "{me}");
        }
    }

    #[rocket::async_test]
    async fn additions_are_clamped_where_they_are_added() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/visits/5").await;
        let (late, first) = both(&site, (&browser, "/hard/add/-4/0"), (&browser, "/hard/add/-4/0")).await;
        assert_eq!((first.body.as_str(), late.body.as_str()), ("1", "1"));
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 0"));
        let most = i64::MAX.to_string();
        browser.post(&format!("/visits/{most}")).await;
        both(&site, (&browser, "/visit"), (&browser, "/visit")).await;
        assert!(browser.get("/me").await.body.starts_with(&format!("7 Member light en nick {most}")));
    }

    #[rocket::async_test]
    async fn what_a_request_sees_of_its_additions_is_what_is_stored() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/visits/3").await;
        assert_eq!(browser.post("/hard/add/-5/2").await.body, "0");
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 0"));
        browser.post("/visits/3").await;
        let (late, _) = both(&site, (&browser, "/hard/add/-5/2"), (&browser, "/theme/dark")).await;
        assert_eq!(late.body, "0");
        assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 0"));
    }

    #[rocket::async_test]
    async fn a_set_value_replaces_what_was_added_meanwhile() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        both(&site, (&browser, "/visits/40"), (&browser, "/visit")).await;
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 40"));
        both(&site, (&browser, "/visit"), (&browser, "/visits/50")).await;
        assert!(browser.get("/me").await.body.starts_with("7 Member light en nick 51"));
    }

    #[rocket::async_test]
    async fn an_update_adds_the_difference() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        both(&site, (&browser, "/update/dark"), (&browser, "/update/blue")).await;
        assert!(browser.get("/me").await.body.starts_with("7 Member dark en nick 2 {99: 1}"));
    }

    #[rocket::async_test]
    async fn entries_added_or_removed_meanwhile_stay_so() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/cart/1/1").await;
        both(&site, (&browser, "/cart/2/2"), (&browser, "/cart/3/3")).await;
        assert!(browser.get("/me").await.body.contains("{1: 1, 2: 2, 3: 3}"));
        both(&site, (&browser, "/cart/2/5"), (&browser, "/cart/1/0")).await;
        assert!(browser.get("/me").await.body.contains("{2: 5, 3: 3}"));
        // The whole map is set: what was loaded goes, what came meanwhile stays.
        both(&site, (&browser, "/hard/replace-cart/9"), (&browser, "/cart/4/4")).await;
        assert!(browser.get("/me").await.body.contains("{4: 4, 9: 1}"));
    }

    #[rocket::async_test]
    async fn an_emptied_map_does_not_take_its_default_again() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/cart/1/1").await;
        both(&site, (&browser, "/cart/1/0"), (&browser, "/theme/dark")).await;
        assert!(browser.get("/me").await.body.contains(" {} "));
    }

    #[rocket::async_test]
    async fn members_added_or_removed_meanwhile_stay_so() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/mark/a").await;
        both(&site, (&browser, "/mark/b"), (&browser, "/mark/c")).await;
        assert!(browser.get("/me").await.body.contains("{\"a\", \"b\", \"c\"}"));
        both(&site, (&browser, "/unmark/a"), (&browser, "/unmark/b")).await;
        assert!(browser.get("/me").await.body.contains("{\"c\"}"));
    }

    #[rocket::async_test]
    async fn two_parallel_takes_may_both_show_a_flash_and_then_it_is_gone() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/notice/hello").await;
        let (late, first) =
            overtake(site.parking(), (Commit, Before), browser.get("/notice"), browser.get("/notice")).await;
        assert_eq!((first.body.as_str(), late.body.as_str()), ("hello", "hello"));
        assert_eq!(browser.get("/notice").await.body, "none");
    }

    #[rocket::async_test]
    async fn a_flash_set_over_a_take_survives() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/notice/hello").await;
        let (late, _) =
            overtake(site.parking(), (Commit, Before), browser.get("/notice"), browser.post("/notice/news")).await;
        assert_eq!(late.body, "hello");
        assert_eq!(browser.get("/notice").await.body, "news");
        assert_eq!(browser.get("/notice").await.body, "none");
    }

    #[rocket::async_test]
    async fn a_flash_that_is_set_and_taken_at_once_is_not_shown_again() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        browser.post("/notice/old").await;
        assert_eq!(browser.post("/hard/set-and-take/new").await.body, "new");
        assert_eq!(browser.get("/notice").await.body, "none");
    }

    #[rocket::async_test]
    async fn equal_edits_write_nothing() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.storage.clear();
        assert_eq!(browser.post("/nothing").await.code(), 200);
        assert_eq!(site.storage.calls().len(), 1);
        assert_eq!(site.storage.count(Load), 1);
    }
}
