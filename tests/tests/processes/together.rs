//! What two processes do together.

use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use rocket::futures::future::join_all;
use rocket::tokio::time::sleep;
use rocket::tokio::{join, select};

use crate::home::Home;
use crate::portal::Portal;
use crate::visitor::Visitor;

/// Writes a test of each scenario for each storage that processes share.
macro_rules! on_every_storage {
    ($($scenario:ident)*) => {
        on_every_storage! { @on sqlite Some(crate::home::Home::sqlite()); $($scenario)* }
        #[cfg(feature = "postgres")]
        on_every_storage! { @on postgres crate::home::Home::sql("SESSION_TEST_POSTGRES"); $($scenario)* }
        #[cfg(feature = "mysql")]
        on_every_storage! { @on mariadb crate::home::Home::sql("SESSION_TEST_MYSQL"); $($scenario)* }
        #[cfg(feature = "redis")]
        on_every_storage! { @on redis crate::home::Home::redis("SESSION_TEST_REDIS"); $($scenario)* }
        #[cfg(feature = "redis")]
        on_every_storage! { @on redis_cluster crate::home::Home::redis("SESSION_TEST_REDIS_CLUSTER"); $($scenario)* }
    };
    (@on $storage:ident $home:expr; $($scenario:ident)*) => {
        mod $storage {
            $(
                #[rocket::async_test]
                async fn $scenario() {
                    let Some(home) = $home else { return };
                    super::$scenario(&home).await;
                }
            )*
        }
    };
}

on_every_storage! {
    who_signs_in_on_one_is_seen_by_the_other
    who_signs_out_on_one_is_dead_on_the_other
    two_hundred_visits_over_both_are_counted
    a_hundred_pairs_of_theme_and_language_over_both_lose_none
    sessions_of_one_are_ended_by_the_other
    a_12_fifty_sign_ins_over_both_leave_as_many_sessions_as_are_allowed
    s_04_a_stream_on_one_closes_when_the_other_ends_its_session
    when_one_is_killed_while_it_writes_the_other_goes_on
}

async fn who_signs_in_on_one_is_seen_by_the_other(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let ada = Visitor::signed_in("ada", &one).await;
    assert_eq!(ada.me(&two).await["name"], "ada");
    assert_eq!(ada.post(&two, "/api/theme", "theme=dark").await.unwrap().status, 204);
    assert_eq!(ada.me(&one).await["theme"], "dark");
}

async fn who_signs_out_on_one_is_dead_on_the_other(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let ada = Visitor::signed_in("ada", &one).await;
    let (thief, tab) = (ada.copy(), ada.copy());
    thief.me(&two).await;
    assert_eq!(ada.post(&one, "/logout", "").await.unwrap().status, 303);
    for portal in [&one, &two] {
        thief.is_nobody(portal).await;
        // Nor does a write bring it back.
        assert_eq!(tab.post(portal, "/api/theme", "theme=dark").await.unwrap().status, 401);
        ada.is_nobody(portal).await;
    }
}

async fn two_hundred_visits_over_both_are_counted(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let bob = Visitor::signed_in("bob", &one).await;
    let visits = (0..200).map(|number| bob.post(if number % 2 == 0 { &one } else { &two }, "/api/visit", ""));
    for answer in join_all(visits).await {
        assert_eq!(answer.unwrap().status, 204);
    }
    assert_eq!(bob.me(&one).await["visits"], 200);
    assert_eq!(bob.me(&two).await["visits"], 200);
}

async fn a_hundred_pairs_of_theme_and_language_over_both_lose_none(home: &Home) {
    const THEMES: [&str; 3] = ["light", "dark", "system"];
    const LANGUAGES: [&str; 2] = ["de", "en"];
    let (one, two) = (Portal::start(home), Portal::start(home));
    let bob = Visitor::signed_in("bob", &one).await;
    for pair in 0..100 {
        let (theme, language) = (THEMES[pair % 3], LANGUAGES[pair % 2]);
        let (theme_form, language_form) = (format!("theme={theme}"), format!("language={language}"));
        let (first, second) =
            join!(bob.post(&one, "/api/theme", &theme_form), bob.post(&two, "/api/language", &language_form));
        assert_eq!((first.unwrap().status, second.unwrap().status), (204, 204));
        let me = bob.me(if pair % 2 == 0 { &one } else { &two }).await;
        assert_eq!((me["theme"].as_str(), me["language"].as_str()), (Some(theme), Some(language)), "pair {pair}");
    }
}

async fn sessions_of_one_are_ended_by_the_other(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let (here, there) = (Visitor::signed_in("eve", &one).await, Visitor::signed_in("eve", &two).await);
    let other = Visitor::signed_in("bob", &one).await;
    assert_eq!(here.post(&one, "/api/devices/end-others", "").await.unwrap().status, 200);
    there.is_nobody(&two).await;
    here.me(&two).await;
    let copy = here.copy();
    assert_eq!(here.post(&two, "/api/devices/end-all", "").await.unwrap().status, 200);
    copy.is_nobody(&one).await;
    other.me(&two).await;
}

async fn a_12_fifty_sign_ins_over_both_leave_as_many_sessions_as_are_allowed(home: &Home) {
    const ALLOWED: usize = 3;
    let (variable, bounded) = home.bounded(ALLOWED);
    let [one, two] = [(); 2].map(|()| Portal::launch(home, &[(variable, &bounded)]).expect("the portal launches"));
    let bob = Visitor::signed_in("bob", &one).await;
    let sign_ins = (0..50).map(|number| Visitor::signed_in("eve", if number % 2 == 0 { &one } else { &two }));
    let eves = join_all(sign_ins).await;
    for portal in [&one, &two] {
        let answers = join_all(eves.iter().map(|eve| eve.get(portal, "/api/me"))).await;
        let alive = answers.into_iter().filter(|answer| answer.as_ref().unwrap().status == 200).count();
        assert_eq!(alive, ALLOWED);
    }
    bob.me(&two).await;
}

async fn s_04_a_stream_on_one_closes_when_the_other_ends_its_session(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let (eve, bob) = (Visitor::signed_in("eve", &one).await, Visitor::signed_in("bob", &one).await);
    let (leaving, staying) = (eve.open(&one, "/api/events").await, bob.open(&one, "/api/events").await);
    assert_eq!(eve.post(&two, "/api/devices/end-all", "").await.unwrap().status, 200);
    let mut staying = pin!(staying.rest());
    select! {
        told = &mut staying => panic!("its session lives: {told}"),
        told = leaving.rest() => assert!(told.contains("signed-out"), "{told}"),
    }
    assert_eq!(bob.post(&two, "/logout", "").await.unwrap().status, 303);
    assert!(staying.await.contains("signed-out"));
}

async fn when_one_is_killed_while_it_writes_the_other_goes_on(home: &Home) {
    let (one, two) = (Portal::start(home), Portal::start(home));
    let eve = Visitor::signed_in("eve", &one).await;
    let (stop, acknowledged, unknown) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let on_one = join_all((0..8).map(async |_| {
        while let Some(answer) = eve.post(&one, "/api/visit", "").await {
            assert_eq!(answer.status, 204);
            acknowledged.fetch_add(1, SeqCst);
        }
        unknown.fetch_add(1, SeqCst);
    }));
    let on_two = join_all((0..8).map(async |_| {
        while !stop.load(SeqCst) {
            assert_eq!(eve.post(&two, "/api/visit", "").await.unwrap().status, 204);
            acknowledged.fetch_add(1, SeqCst);
        }
    }));
    let killing = async {
        reaches(&acknowledged, 100).await;
        one.kill();
        reaches(&acknowledged, acknowledged.load(SeqCst) + 100).await;
        stop.store(true, SeqCst);
    };
    join!(on_one, on_two, killing);
    let (acknowledged, unknown) = (acknowledged.into_inner(), unknown.into_inner());
    let again = Portal::start(home);
    for portal in [&two, &again] {
        let visits = eve.me(portal).await["visits"].as_u64().unwrap();
        assert!((acknowledged..=acknowledged + unknown).contains(&visits), "{visits}: {acknowledged} + {unknown}");
    }
}

async fn reaches(count: &AtomicU64, enough: u64) {
    while count.load(SeqCst) < enough {
        sleep(Duration::from_millis(2)).await;
    }
}
