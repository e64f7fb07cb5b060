//! Storages, handlers and catchers that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::http::Status;
use rocket::tokio::join;
use rocket::{Request, catch, catchers, post, routes};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::{Fault, FaultStorage, Operation, When};
use rocket_typed_session::{EndedBy, EventKind, Session, Unavailable};
use rocket_typed_session_tests::{Answer, App, Site, User, UserMut};
use serde::{Deserialize, Serialize};

use Fault::{After, Before, Hang, HangAfter};
use Operation::{Commit, Create, Delete, DeleteAll, Find, List, Load, Rotate, Touch};

const EVERY: [Fault; 4] = [Before, After, Hang, HangAfter];

/// Opens a site whose requests wait for the storage for a moment only.
async fn impatient() -> Site {
    Site::builder().config(|config| config.timeout = Duration::from_millis(5)).open().await
}

fn has_failed(events: &[EventKind]) -> bool {
    events.iter().any(|event| matches!(event, EventKind::StorageFailed(_)))
}

/// Asserts that an answer is that of the catcher for a storage that failed, and that the cookie is left alone.
fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(Storage)"), "{answer:?}");
    assert!(answer.cookies.is_empty(), "{answer:?}");
}

/// Loads that fail.
mod loads {
    use super::*;

    #[rocket::async_test]
    async fn a_failed_load_is_unavailable_and_leaves_the_cookie_alone() {
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
    async fn a_route_without_sessions_is_served_while_another_hangs() {
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
}

/// Commits that fail.
mod commits {
    use super::*;

    #[rocket::async_test]
    async fn a_failed_commit_shows_nothing_of_the_answer() {
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
    async fn a_failed_sign_in_sends_no_cookie() {
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
    async fn a_failed_rotation_sends_no_cookie() {
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
                    config.timeout = Duration::from_millis(5);
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
    async fn the_time_for_all_calls_of_a_request_is_one() {
        let site = Site::builder().config(|config| config.timeout = Duration::from_millis(60)).open().await;
        let browser = site.member(7).await;
        site.faults().fail(Commit, Hang);
        site.faults().fail(Delete, Hang);
        let began = std::time::Instant::now();
        assert_eq!(browser.post("/hard/save-and-end/dark").await.code(), 503);
        let took = began.elapsed();
        assert!(took < Duration::from_millis(115), "{took:?} for two calls that hang");
    }

    #[rocket::async_test]
    async fn a_handler_that_takes_its_time_leaves_the_storage_its_own() {
        let site = Site::builder().config(|config| config.timeout = Duration::from_millis(40)).open().await;
        let browser = site.member(7).await;
        // Both calls are pending for a moment, so that the time is counted.
        let load = site.parking().park(Load, When::Before);
        let commit = site.parking().park(Commit, When::Before);
        let (answer, ()) = join!(browser.post("/hard/slow/dark/60"), async {
            load.reached().await;
            load.release();
            commit.reached().await;
            commit.release();
        });
        assert_eq!(answer.code(), 200);
        assert_eq!(browser.get("/owned").await.body, "dark");
    }

    #[rocket::async_test]
    async fn the_error_is_not_told_to_the_client() {
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

    fn assert_unavailable_with(answer: &Answer, name: &str) {
        assert_eq!((answer.code(), answer.cookies.len()), (503, 1), "{answer:?}");
        assert!(answer.cookies[0].starts_with(name));
    }
}

/// Ends that fail.
mod ends {
    use super::*;

    #[rocket::async_test]
    async fn a_failed_logout_is_no_success_but_the_cookie_goes_and_the_session_later() {
        for fault in EVERY {
            let memory = Arc::new(MemoryStorage::new());
            let site = Site::builder()
                .storage(memory.clone())
                .config(|config| config.timeout = Duration::from_millis(5))
                .open()
                .await;
            let browser = site.member(7).await;
            let thief = browser.copy();
            site.faults().fail_next(Delete, fault, 1);
            let again = site.parking().park(Delete, When::After);
            if matches!(fault, After | HangAfter) {
                // What was applied has passed here already.
                site.parking().park(Delete, When::Before).release();
                again.release();
            }
            let answer = browser.post("/logout").await;
            assert_eq!((answer.code(), answer.body.as_str()), (503, "503 Some(Storage)"));
            assert_eq!(answer.cookies.len(), 1);
            assert_eq!(browser.cookie("__Host-session"), None);
            assert!(has_failed(&site.event_kinds()));
            if matches!(fault, Before | Hang) {
                assert_eq!(memory.len(), 1);
                again.reached().await;
                again.release();
            }
            assert!(memory.is_empty());
            assert_eq!(thief.get("/me").await.code(), 401);
        }
    }

    #[rocket::async_test]
    async fn the_end_is_told_when_it_succeeded_at_last() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let handle = browser.get("/handle").await.body;
        site.events();
        site.faults().fail_next(Delete, Before, 1);
        browser.post("/logout").await;
        let ended = |kind: &EventKind| *kind == EventKind::Ended(EndedBy::Owner);
        assert!(!site.event_kinds().iter().any(ended));
        let event = loop {
            rocket::tokio::task::yield_now().await;
            if let Some(event) = site.events().into_iter().find(|event| ended(&event.kind)) {
                break event;
            }
        };
        assert_eq!(event.handle.map(|handle| handle.to_string()), Some(handle));
    }

    #[rocket::async_test]
    async fn the_end_is_carried_out_though_the_sign_in_after_it_fails() {
        for fault in EVERY {
            let memory = Arc::new(MemoryStorage::new());
            let site = Site::builder()
                .storage(memory.clone())
                .config(|config| config.timeout = Duration::from_millis(20))
                .open()
                .await;
            let browser = site.member(7).await;
            let thief = browser.copy();
            site.faults().fail(Rotate, fault);
            let answer = browser.post("/restart/8").await;
            assert_eq!((answer.code(), answer.cookies.len()), (503, 1));
            assert_eq!(browser.cookie("__Host-session"), None);
            while !memory.is_empty() {
                rocket::tokio::task::yield_now().await;
            }
            assert_eq!(thief.get("/me").await.code(), 401);
        }
    }

    #[rocket::async_test]
    async fn an_error_or_a_panic_after_the_end_does_not_undo_it() {
        for path in ["/logout/500", "/logout/503", "/logout/404", "/logout/panic", "/hard/redirecting/end-and-panic"] {
            let memory = Arc::new(MemoryStorage::new());
            let site = Site::builder().storage(memory.clone()).open().await;
            let browser = site.member(7).await;
            let answer = browser.post(path).await;
            assert_ne!(answer.code(), 200);
            assert_eq!(answer.cookies.len(), 1, "{path}");
            assert!(memory.is_empty(), "{path}");
        }
    }

    #[rocket::async_test]
    async fn an_end_of_all_that_fails_is_an_error_and_no_sign_out() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.faults().fail(DeleteAll, Before);
        for path in ["/end-all", "/end-others"] {
            let answer = browser.post(path).await;
            assert_eq!((answer.code(), answer.cookies.len()), (503, 0));
        }
        site.faults().clear();
        assert_eq!(browser.get("/me").await.code(), 200);
    }

    #[rocket::async_test]
    async fn a_client_that_goes_away_does_not_undo_a_logout() {
        for when in [When::Before, When::After] {
            let memory = Arc::new(MemoryStorage::new());
            let site = Site::builder().storage(memory.clone()).open().await;
            let browser = site.member(7).await;
            let thief = browser.copy();
            let parked = site.parking().park(Delete, when);
            rocket::tokio::select! {
                answer = browser.post("/logout") => panic!("{answer:?}"),
                () = parked.reached() => {}
            }
            drop(parked);
            while !memory.is_empty() {
                rocket::tokio::task::yield_now().await;
            }
            assert_eq!(thief.get("/me").await.code(), 401);
        }
    }

    #[rocket::async_test]
    async fn an_end_that_a_stream_leaves_unsaved_is_carried_out() {
        let memory = Arc::new(MemoryStorage::new());
        let site = Site::builder().storage(memory.clone()).open().await;
        let browser = site.member(7).await;
        assert_eq!(browser.get("/hard/stream-end-unsaved").await.body, "ended");
        while !memory.is_empty() {
            rocket::tokio::task::yield_now().await;
        }
        assert_eq!(browser.get("/me").await.code(), 401);
    }
}

/// Handlers that fail.
mod handlers {
    use super::*;

    #[rocket::async_test]
    async fn an_answer_of_the_servers_fault_commits_nothing() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        for path in ["/fail/500/dark", "/fail/503/dark", "/fail/599/dark", "/panic/dark"] {
            site.storage.clear();
            let answer = browser.post(path).await;
            assert!(answer.code() >= 500 && answer.cookies.is_empty());
            assert_eq!(site.storage.count(Commit), 0, "{path}");
            assert_eq!(browser.get("/owned").await.body, "light");
        }
        browser.post("/notice/hello").await;
        assert_eq!(browser.get("/hard/take-and-fail").await.code(), 500);
        assert_eq!(browser.get("/notice").await.body, "hello");
    }

    #[rocket::async_test]
    async fn an_answer_of_the_clients_fault_commits_and_delivers() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        for status in [400, 403, 404, 422, 499] {
            assert_eq!(browser.post(&format!("/fail/{status}/theme{status}")).await.code(), status);
            assert_eq!(browser.get("/owned").await.body, format!("theme{status}"));
        }
        let visitor = site.browser();
        let answer = visitor.post("/hard/start-and-fail/404").await;
        assert_eq!((answer.code(), answer.cookies.len()), (404, 1));
        assert_eq!(visitor.get("/me").await.code(), 200);
        let visitor = site.browser();
        let answer = visitor.post("/hard/start-and-fail/500").await;
        assert_eq!((answer.code(), answer.cookies.len()), (500, 0));
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 2);
    }

    #[rocket::async_test]
    async fn a_panic_that_a_catcher_turns_into_a_redirect_commits_nothing() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let answer = browser.post("/hard/redirecting/panic/dark").await;
        assert_eq!((answer.code(), answer.header("Location").as_deref()), (303, Some("/login")));
        assert_eq!(browser.get("/owned").await.body, "light");
    }

    #[rocket::async_test]
    async fn what_was_saved_stays_though_an_error_follows() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        assert_eq!(browser.post("/save-and-fail/dark/500").await.code(), 500);
        assert_eq!(browser.get("/owned").await.body, "dark");
        let old = browser.copy();
        let answer = browser.post("/rotate-save-and-fail").await;
        assert_eq!((answer.code(), answer.cookies.len()), (500, 1));
        assert_eq!(browser.get("/owned").await.body, "dark");
        assert_eq!(old.get("/me").await.code(), 401);
    }

    #[rocket::async_test]
    async fn edits_after_the_end_are_an_event_and_nothing_else() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.events();
        assert_eq!(browser.post("/edit-after-end").await.code(), 200);
        assert!(site.event_kinds().contains(&EventKind::EditIgnored));
        assert_eq!(site.sessions::<User>().count(&7).await.unwrap(), 0);
    }
}

/// Streams.
mod streams {
    use super::*;

    #[rocket::async_test]
    async fn a_stream_saves_data_and_is_too_late_for_a_cookie() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let answer = browser.get("/stream/dark").await;
        assert_eq!(answer.body, "Ok(()) Err(TooLate)");
        assert!(answer.cookies.is_empty());
        assert_eq!(browser.get("/owned").await.body, "dark");
        assert!(!site.event_kinds().contains(&EventKind::EditsLost), "who was told has lost nothing unknowingly");
    }

    #[rocket::async_test]
    async fn after_being_too_late_only_the_end_is_written() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        assert_eq!(browser.get("/hard/stream-edits").await.body, "Err(TooLate) Err(TooLate) Ok(())");
        assert!(site.event_kinds().contains(&EventKind::EditIgnored));
        assert_eq!(browser.get("/me").await.code(), 401);
    }

    #[rocket::async_test]
    async fn a_stream_signs_nobody_in() {
        let site = Site::open().await;
        let browser = site.browser();
        assert_eq!(browser.get("/hard/stream-start").await.body, "Err(TooLate)");
        assert_eq!(site.sessions::<User>().count(&9).await.unwrap(), 0);
    }

    #[rocket::async_test]
    async fn a_stream_ends_the_session() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let answer = browser.get("/stream-end").await;
        assert_eq!((answer.body.as_str(), answer.cookies.len()), ("Ok(())", 0));
        assert_eq!(browser.get("/me").await.code(), 401);
    }

    #[rocket::async_test]
    async fn edits_that_a_stream_leaves_unsaved_are_an_event() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.events();
        assert_eq!(browser.get("/stream-unsaved/dark").await.body, "unsaved");
        assert!(site.event_kinds().contains(&EventKind::EditsLost));
        assert_eq!(browser.get("/owned").await.body, "light");
    }

    #[rocket::async_test]
    async fn a_stream_that_fails_to_save_is_told() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.faults().fail(Commit, Before);
        let answer = browser.get("/stream/dark").await;
        assert_eq!(answer.code(), 200);
        assert!(answer.body.starts_with("Err(Storage("), "{}", answer.body);
    }

    #[rocket::async_test]
    async fn a_session_that_begins_is_stored_before_the_first_byte() {
        let site = Site::open().await;
        let browser = site.browser();
        let parked = site.parking().park(Create, When::After);
        let request = site.client().get("/hard/start-and-stream").dispatch();
        let (response, ()) = join!(request, async {
            parked.reached().await;
            assert_eq!(site.sessions::<User>().count(&9).await.unwrap(), 1);
            parked.release();
        });
        let cookie = response.headers().get_one("Set-Cookie").unwrap().to_owned();
        let value = cookie.split_once(';').unwrap().0.split_once('=').unwrap().1;
        browser.set_cookie("__Host-session", value);
        assert_eq!(browser.get("/me").await.code(), 200);
        assert_eq!(response.into_string().await.unwrap(), "9");
    }
}

/// Catchers.
mod catchers_of_the_application {
    use super::*;

    #[rocket::async_test]
    async fn a_replaced_answer_is_made_by_the_catcher_that_rocket_would_choose() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        site.faults().fail(Commit, Before);
        for (path, code, body) in [
            ("/hard/edit", 503, "503 Some(Storage)"),
            ("/hard/area/edit", 503, "area 503"),
            ("/hard/area/deep/edit", 503, "deep default 503"),
            ("/hard/broken/edit", 503, ""),
        ] {
            let answer = browser.post(path).await;
            assert_eq!((answer.code(), answer.body.as_str()), (code, body), "{path}");
            assert!(answer.cookies.is_empty());
        }
        let answer = browser.post("/hard/area/edit").await;
        assert_eq!(answer.header("Content-Type").as_deref(), Some("text/html; charset=utf-8"));
    }

    #[rocket::async_test]
    async fn a_catcher_may_lead_to_the_page_to_sign_in_at() {
        let site = Site::open().await;
        let browser = site.member(7).await;
        let tab = browser.copy();
        let parked = site.parking().park(Commit, When::Before);
        let (late, ()) = join!(browser.post("/hard/redirecting/edit"), async {
            parked.reached().await;
            tab.post("/logout").await;
            parked.release();
        });
        assert_eq!((late.code(), late.header("Location").as_deref()), (303, Some("/login")));
        assert!(late.body.is_empty());
    }

    #[rocket::async_test]
    async fn a_catcher_that_claims_success_is_overruled() {
        let storage = Arc::new(FaultStorage::new(MemoryStorage::new()));
        let app = App::builder()
            .sessions::<User>(storage.clone())
            .mount(routes![sign_in, edit])
            .register(catchers![all_is_well])
            .open()
            .await;
        let browser = app.browser();
        browser.post("/in").await;
        storage.fail(Commit, Before);
        assert_eq!(browser.post("/edit").await.code(), 503);
    }

    #[rocket::async_test]
    async fn without_a_catcher_a_replaced_answer_has_no_body() {
        let storage = Arc::new(FaultStorage::new(MemoryStorage::new()));
        let app = App::builder().sessions::<User>(storage.clone()).mount(routes![sign_in, edit]).open().await;
        let browser = app.browser();
        browser.post("/in").await;
        storage.fail(Commit, Before);
        let answer = browser.post("/edit").await;
        assert_eq!((answer.code(), answer.body.as_str()), (503, ""));
        assert_eq!(answer.header("Content-Type"), None);
    }

    #[catch(default)]
    fn all_is_well(_status: Status, _request: &Request<'_>) -> (Status, &'static str) {
        (Status::Ok, "all is well")
    }

    #[post("/edit")]
    fn edit(mut user: UserMut<'_>) -> &'static str {
        user.add_visits(1);
        "the answer"
    }
}

/// Types of the application that panic.
mod types {
    use super::*;

    static SERIALIZE: AtomicBool = AtomicBool::new(false);
    static CLONE: AtomicBool = AtomicBool::new(false);
    static COMPARE: AtomicBool = AtomicBool::new(false);

    /// A text whose traits panic on command.
    #[derive(Default, Deserialize)]
    struct Trap(String);

    impl Serialize for Trap {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            assert!(!SERIALIZE.load(Ordering::SeqCst), "in Serialize");
            self.0.serialize(serializer)
        }
    }

    impl Clone for Trap {
        fn clone(&self) -> Self {
            assert!(!CLONE.load(Ordering::SeqCst), "in Clone");
            Self(self.0.clone())
        }
    }

    impl PartialEq for Trap {
        fn eq(&self, other: &Self) -> bool {
            assert!(!COMPARE.load(Ordering::SeqCst), "in PartialEq");
            self.0 == other.0
        }
    }

    #[derive(Clone, Default, Session)]
    #[session(name = "fragile")]
    struct Fragile {
        trap: Trap,
        count: u32,
    }

    #[post("/set/<text>?<serialize>&<clone>&<compare>")]
    fn set(mut fragile: FragileMut<'_>, text: String, serialize: bool, clone: bool, compare: bool) -> &'static str {
        fragile.set_trap(Trap(text));
        let count = fragile.count() + 1;
        fragile.set_count(count);
        SERIALIZE.store(serialize, Ordering::SeqCst);
        CLONE.store(clone, Ordering::SeqCst);
        COMPARE.store(compare, Ordering::SeqCst);
        "set"
    }

    #[post("/restart?<serialize>")]
    fn restart(session: Session<'_, Fragile>, serialize: bool) {
        session.end();
        session.start(Fragile { trap: Trap("new".into()), count: 100 });
        SERIALIZE.store(serialize, Ordering::SeqCst);
    }

    #[post("/calm")]
    fn calm() {
        for trap in [&SERIALIZE, &CLONE, &COMPARE] {
            trap.store(false, Ordering::SeqCst);
        }
    }

    #[rocket::get("/")]
    fn show(fragile: &Fragile) -> String {
        format!("{} {}", fragile.trap.0, fragile.count)
    }

    #[catch(500)]
    fn sorry() -> &'static str {
        "sorry"
    }

    async fn app(storage: impl SessionStorage) -> App {
        let app = App::builder().sessions::<Fragile>(storage).mount(routes![set, restart, calm, show]);
        app.register(catchers![sorry]).open().await
    }

    // One test: the traps are of the whole process.
    #[rocket::async_test]
    async fn a_panic_of_the_applications_types_during_a_commit_is_an_error_and_nothing_worse() {
        let memory = Arc::new(MemoryStorage::new());
        let app = app(memory.clone()).await;
        let browser = app.browser();
        assert_eq!(browser.post("/set/calm").await.code(), 200);
        for trap in ["serialize", "clone", "compare"] {
            let answer = browser.post(&format!("/set/{trap}?{trap}=true")).await;
            if trap != "clone" {
                // Nobody else wrote: nothing need be cloned to commit.
                assert_eq!((answer.code(), answer.body.as_str()), (500, "sorry"), "{trap}");
                assert!(answer.cookies.is_empty());
            }
            browser.post("/calm").await;
            assert_eq!(browser.post("/set/calm").await.code(), 200, "{trap}");
            assert_eq!(memory.len(), 1);
        }
        assert_eq!(browser.get("/").await.body, "calm 5");

        let visitor = app.browser();
        let answer = visitor.post("/set/first?serialize=true").await;
        assert_eq!((answer.code(), answer.cookies.len()), (500, 0));
        visitor.post("/calm").await;
        assert_eq!(visitor.post("/set/second").await.code(), 200);
        assert_eq!(visitor.get("/").await.body, "second 1");

        // What was ended is ended, though what was to begin panics.
        let thief = browser.copy();
        let answer = browser.post("/restart?serialize=true").await;
        assert_eq!((answer.code(), answer.cookies.len()), (500, 1));
        browser.post("/calm").await;
        assert_eq!(thief.get("/").await.body, " 0");
        assert_eq!(memory.len(), 1);
    }
}

#[post("/in")]
fn sign_in(session: Session<'_, User>) {
    session.start(User::new(7, rocket_typed_session_tests::Role::Member));
}

#[rocket::async_test]
async fn operations_of_the_application_are_bounded_in_time() {
    let site = impatient().await;
    let browser = site.member(7).await;
    let handle = browser.get("/handle").await.body.parse().unwrap();
    let sessions = site.sessions::<User>();
    for operation in [Find, List, Operation::Count, DeleteAll, Operation::DeleteHandle, Operation::DeleteEveryone] {
        site.faults().fail(operation, Hang);
    }
    assert!(sessions.get(&handle).await.is_err());
    assert!(sessions.update(&handle, |user| user.visits += 1).await.is_err());
    assert!(sessions.list(&7).await.is_err());
    assert!(sessions.count(&7).await.is_err());
    assert!(sessions.end_one(&handle).await.is_err());
    assert!(sessions.end_all(&7).await.is_err());
    assert!(sessions.end_everyone().await.is_err());
    site.faults().clear();
    assert_eq!(browser.get("/me").await.code(), 200);
}
