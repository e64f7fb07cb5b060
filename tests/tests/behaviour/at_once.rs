//! A storage that answers at once is answered for as one that is waited for.

use std::sync::Arc;

use rocket::{State, post, routes};
use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::testing::FaultStorage;
use rocket_typed_session::{Session, SessionError, Sessions};
use rocket_typed_session_tests::{App, Role, User, UserMut};

#[post("/login")]
fn login(session: Session<'_, User>) {
    session.start(User::new(7, Role::Member));
}

#[post("/theme/<theme>")]
fn theme(mut user: UserMut<'_>, theme: &str) {
    user.set_theme(theme);
}

/// Renames the user while somebody else does.
#[post("/renamed")]
async fn renamed(mut user: UserMut<'_>, sessions: &State<Sessions<User>>) {
    user.set_nickname("mine");
    let handle = user.session().handle().unwrap();
    sessions.update(&handle, |user| user.nickname = "theirs".into()).await.unwrap();
}

/// Changes the session while somebody else ends it; says what came of it if it is to be saved.
#[post("/ended?<saved>")]
async fn ended(mut user: UserMut<'_>, sessions: &State<Sessions<User>>, saved: bool) -> String {
    user.set_theme("dark");
    sessions.end_one(&user.session().handle().unwrap()).await.unwrap();
    let outcome = if saved { user.session().save().await } else { Ok(()) };
    match outcome {
        Ok(()) => "done".into(),
        Err(SessionError::Gone) => "gone".into(),
        Err(error) => error.to_string(),
    }
}

/// What a browser is told of each commit: the status, the number of cookies, and the events.
async fn told(storage: impl SessionStorage) -> Vec<(String, u16, usize, Vec<String>)> {
    let app = App::builder().sessions::<User>(storage).mount(routes![login, theme, renamed, ended]).open().await;
    let mut told = Vec::new();
    for way in ["/theme/dark", "/theme/light", "/renamed", "/ended", "/ended?saved=true"] {
        let browser = app.browser();
        browser.post("/login").await;
        app.events();
        let answer = browser.post(way).await;
        let events = app.events().iter().map(|event| format!("{:?}", event.kind)).collect();
        told.push((format!("{way} {}", answer.body), answer.code(), answer.cookies.len(), events));
    }
    told
}

#[rocket::async_test]
async fn what_comes_of_a_commit_is_told_alike() {
    let at_once = told(MemoryStorage::new()).await;
    assert_eq!(at_once, told(FaultStorage::new(MemoryStorage::new())).await);
    let codes: Vec<u16> = at_once.iter().map(|(_, code, ..)| *code).collect();
    assert_eq!(codes, [200, 200, 409, 401, 200]);
    assert!(at_once[4].0.ends_with("gone"), "{at_once:?}");
}

#[rocket::async_test]
async fn what_is_committed_at_once_is_committed_once() {
    for storage in
        [Arc::new(MemoryStorage::new()) as Arc<dyn SessionStorage>, Arc::new(FaultStorage::new(MemoryStorage::new()))]
    {
        let app = App::builder().sessions::<User>(storage).mount(routes![login, visit]).open().await;
        let browser = app.browser();
        browser.post("/login").await;
        assert_eq!(browser.post("/visit").await.body, "0");
        assert_eq!(browser.post("/visit").await.body, "1");
    }
}

/// Counts a visit, and saves it before the response does.
#[post("/visit")]
async fn visit(mut user: UserMut<'_>) -> String {
    let before = user.visits;
    user.add_visits(1);
    user.session().save().await.unwrap();
    before.to_string()
}
