//! Catchers.

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

/// What a catcher is told when it asks guards of its own.
#[catch(default)]
async fn whose(status: Status, request: &Request<'_>) -> (Status, String) {
    let reason = GuardError::of(request);
    let user = request.guard::<&User>().await.succeeded().map(|user| (user.id, user.role));
    let admin = request.guard::<Admin<'_>>().await.succeeded().is_some();
    let again = GuardError::of(request);
    (status, format!("{user:?} {admin} {reason:?} {}", reason == again))
}

#[post("/promote")]
fn promote(mut user: UserMut<'_>) {
    user.set_role(Role::Admin);
}

#[post("/nickname")]
fn nickname(mut user: UserMut<'_>) {
    user.set_nickname("new");
}

#[post("/out")]
fn sign_out(session: Session<'_, User>) {
    session.end();
}

#[rocket::async_test]
async fn a_catcher_sees_nothing_that_was_not_stored() {
    let storage = Arc::new(FaultStorage::new(Arc::new(ParkStorage::new(MemoryStorage::new()))));
    let app = App::builder()
        .sessions::<User>(storage.clone())
        .mount(routes![sign_in, promote, nickname, sign_out])
        .register(catchers![whose])
        .open()
        .await;
    let browser = app.browser();
    storage.fail(Create, Before);
    assert_eq!(browser.post("/in").await.body, "None false Some(Storage) true", "nobody signed in");
    storage.clear();
    browser.post("/in").await;
    storage.fail(Rotate, Before);
    assert_eq!(
        browser.post("/promote").await.body,
        "Some((7, Member)) false Some(Storage) true",
        "nobody was promoted"
    );
    storage.clear();
    let tab = browser.copy();
    let parking = storage.inner();
    let (late, _) = overtake(parking, (Commit, When::Before), browser.post("/nickname"), tab.post("/out")).await;
    assert_eq!((late.code(), late.body.as_str()), (401, "None false Some(Gone) true"), "the session was ended");
}
