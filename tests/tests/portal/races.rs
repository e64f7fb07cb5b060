//! Requests under way at the same time. The slow one, or the one that the storage holds, has its session before the
//! others begin.

use rocket::futures::future::join_all;
use rocket::tokio::join;
use rocket_typed_session::testing::{Operation, When};

use crate::browser::Portal;

const SLOW: &str = "theme=dark&ms=100";

#[rocket::async_test]
async fn a_request_under_way_does_not_undo_a_sign_out() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let (tab, thief) = (bob.copy(), bob.copy());
    let (slow, out) = join!(tab.post("/api/slow/theme", SLOW), bob.post("/logout", ""));
    out.leads_to("/");
    slow.is_error(401, "gone");
    assert!(slow.set_cookies().is_empty());
    thief.get("/api/me").await.is_error(401, "missing");
}

#[rocket::async_test]
async fn a_request_under_way_over_a_new_role_is_told_to_try_again() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let tab = bob.copy();
    let (slow, role) = join!(tab.post("/api/slow/theme", SLOW), bob.post("/api/role", "role=admin"));
    role.is_empty();
    slow.is_error(409, "conflict");
    assert!(slow.set_cookies().is_empty());
    assert_eq!(bob.me().await["theme"], "system");
}

#[rocket::async_test]
async fn different_fields_at_once_all_survive() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let (slow, language, cart, visit) = join!(
        bob.post("/api/slow/theme", SLOW),
        bob.post("/api/language", "language=de"),
        bob.post("/api/cart", "product=7&quantity=2"),
        bob.post("/api/visit", ""),
    );
    for answer in [slow, language, cart, visit] {
        answer.is_empty();
    }
    let me = bob.me().await;
    assert_eq!((&me["theme"], &me["language"]), (&"dark".into(), &"de".into()));
    assert_eq!((&me["cart"]["7"], &me["visits"]), (&2.into(), &1.into()));
}

#[rocket::async_test]
async fn a_notice_set_meanwhile_is_not_taken() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let (slow, notice) = join!(bob.post("/api/slow/theme", SLOW), bob.post("/api/notice", "text=hello"));
    slow.is_empty();
    notice.is_empty();
    assert_eq!(bob.me().await["notice"], "hello");
}

#[rocket::async_test]
async fn two_hundred_visits_at_once_all_count() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    for answer in join_all((0..200).map(|_| bob.post("/api/visit", ""))).await {
        answer.is_empty();
    }
    assert_eq!(bob.me().await["visits"], 200);
}

#[rocket::async_test]
async fn the_second_nickname_is_refused_and_the_first_is_kept() {
    for (path, is_page) in [("/api/nickname", false), ("/nickname", true)] {
        let portal = Portal::launch().await;
        let bob = portal.signed_in("bob").await;
        let parked = portal.storage.park(Operation::Commit, When::Before);
        let (late, ()) = join!(bob.post(path, "nickname=Late"), async {
            parked.reached().await;
            bob.post("/api/nickname", "nickname=Early").await.is_empty();
            parked.release();
        });
        if is_page {
            late.is_page(409, "Changed elsewhere");
        } else {
            late.is_error(409, "conflict");
        }
        bob.get("/profile").await.is_page(200, "value=\"Early\"");
    }
}

#[rocket::async_test]
async fn a_page_under_way_over_a_sign_out_is_the_sign_in_page() {
    let portal = Portal::launch().await;
    let bob = portal.signed_in("bob").await;
    let tab = bob.copy();
    let parked = portal.storage.park(Operation::Commit, When::Before);
    let (theme, ()) = join!(tab.post("/theme", "theme=dark"), async {
        parked.reached().await;
        bob.post("/logout", "").await.leads_to("/");
        parked.release();
    });
    theme.is_page(401, "You were signed out meanwhile.");
    assert_eq!((theme.set_cookies().len(), theme.header("Location")), (0, None));
}
