//! Who presents no session, and is looked at before anything is done.

use std::sync::atomic::{AtomicU32, Ordering};

use rocket::http::Method;
use rocket::{get, post, routes};
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{EventKind, Session};
use rocket_typed_session_tests::App;

/// Somebody whose default is another one each time.
#[derive(Clone, Session)]
#[session(name = "drawn")]
struct Drawn {
    number: u32,
    theme: String,
}

impl Default for Drawn {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), theme: "light".into() }
    }
}

#[get("/seen")]
fn seen(first: &Drawn, second: Drawn, third: &Drawn) -> String {
    format!("{} {}", first.number == second.number, std::ptr::eq(first, third))
}

#[post("/edited/<theme>")]
fn edited(before: &Drawn, theme: &str, mut drawn: DrawnMut<'_>, session: Session<'_, Drawn>) -> String {
    let same = before.number == drawn.number;
    drawn.set_theme(theme);
    let now = session.get().map(|drawn| drawn.theme.clone());
    format!("{same} {} {now:?} {}", before.theme, drawn.number)
}

#[get("/number")]
fn number(drawn: &Drawn) -> String {
    drawn.number.to_string()
}

async fn app() -> App {
    App::builder().sessions::<Drawn>(MemoryStorage::new()).mount(routes![seen, edited, number]).open().await
}

#[rocket::async_test]
async fn all_guards_see_one_default() {
    let app = app().await;
    let browser = app.browser();
    let answer = browser.get("/seen").await;
    assert_eq!(answer.body, "true true");
    assert!(answer.cookies.is_empty(), "{answer:?}");
    assert_ne!(browser.get("/number").await.body, browser.get("/number").await.body);
}

#[rocket::async_test]
async fn who_edits_begins_with_what_was_seen() {
    let app = app().await;
    let browser = app.browser();
    let answer = browser.post("/edited/dark").await;
    let number = answer.body.strip_prefix("true light Some(\"dark\") ").unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(browser.get("/number").await.body, number);
    assert_eq!(browser.get("/number").await.body, number);
}

#[rocket::async_test]
async fn a_mere_look_is_told_to_caches_and_to_nobody_else() {
    let app = app().await;
    let browser = app.browser();
    for method in [Method::Get, Method::Head] {
        let answer = browser.send(method, "/number", &[]).await;
        assert_eq!(answer.header("Vary").as_deref(), Some("Cookie"), "{answer:?}");
        assert!(answer.cookies.is_empty(), "{answer:?}");
    }
    let told: Vec<EventKind> = app.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(told, []);
}
