//! Ends, seen from odd places.

use std::sync::Arc;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, async_trait, get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::Session;
use rocket_typed_session_tests::{App, Role, User};

#[post("/start-and-end/<id>")]
fn start_and_end(session: Session<'_, User>, id: i64) -> String {
    session.start(User::new(id, Role::Admin));
    let mut user = session.edit().unwrap();
    session.end();
    user.set_theme("dark");
    let again = session.update(|user| user.theme = "blue".into());
    format!("{} {again:?}", session.get().is_some())
}

#[rocket::async_test]
async fn what_began_and_ended_in_one_request_is_not_begun_again_by_an_edit() {
    let memory = Arc::new(MemoryStorage::new());
    let app = App::builder().sessions::<User>(memory.clone()).mount(routes![start_and_end]).open().await;
    let answer = app.browser().post("/start-and-end/7").await;
    assert_eq!(answer.body, "false Err(Missing)");
    assert!(answer.cookies.is_empty(), "{answer:?}");
    assert!(memory.is_empty());
}

/// Who may do something without a session too, if the default may.
#[derive(Clone, Default, Session)]
#[session(name = "staff", role = "admin")]
struct Staff {
    #[session(role)]
    role: String,
}

#[derive(Clone, Default, Session)]
#[session(name = "visitor")]
struct Visitor {
    theme: String,
}

#[post("/begin")]
fn begin(staff: Session<'_, Staff>, visitor: Session<'_, Visitor>) {
    staff.start(Staff { role: "admin".into() });
    visitor.start(Visitor { theme: "dark".into() });
}

/// What guards say once the session has ended.
struct AfterEnd(String);

#[async_trait]
impl<'r> FromRequest<'r> for AfterEnd {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let staff = Session::<Staff>::from_request(request).await.unwrap();
        let visitor = Session::<Visitor>::from_request(request).await.unwrap();
        assert!(staff.get().is_some() && visitor.get().is_some());
        staff.end();
        visitor.end();
        let staff = <&Staff>::from_request(request).await.is_success();
        let visitor = <&Visitor>::from_request(request).await.unwrap();
        Outcome::Success(Self(format!("{staff} {:?}", visitor.theme)))
    }
}

#[get("/after-end")]
fn after_end(after: AfterEnd) -> String {
    after.0
}

#[rocket::async_test]
async fn after_its_end_guards_see_nothing_of_a_session() {
    let app = App::builder()
        .sessions::<Staff>(MemoryStorage::new())
        .sessions::<Visitor>(MemoryStorage::new())
        .mount(routes![begin, after_end])
        .open()
        .await;
    let browser = app.browser();
    assert_eq!(browser.post("/begin").await.cookies.len(), 2);
    assert_eq!(browser.get("/after-end").await.body, "false \"\"");
}
