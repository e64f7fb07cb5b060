//! Sessions that live in their cookies.

mod ages;
mod attributes;
mod ends;
mod forged;
mod launch;
mod life;
mod pages;
mod room;
mod secrets;
mod signing_in;
mod told;
mod writes;

use std::collections::BTreeMap;

use rocket_typed_session::storage::SessionStorage;
use rocket_typed_session::storage::cookie::CookieStorage;
use rocket_typed_session::storage::memory::MemoryStorage;
use rocket_typed_session::{Config, Session};
use rocket_typed_session_tests::{App, AppBuilder, Browser};

const COOKIE: &str = "__Host-session";

/// Somebody who is signed in.
#[derive(Clone, PartialEq, Session)]
#[session(required)]
#[session(guard(Admin, role = "admin"))]
#[session(guard(Vault, fresh = "15m"))]
struct User {
    id: i64,
    #[session(role)]
    role: String,
    theme: String,
    #[session(flash)]
    notice: Option<String>,
    #[session(secret)]
    phone: String,
}

/// Somebody who is not.
#[derive(Clone, Default, PartialEq, Session)]
#[session(name = "guest")]
struct Guest {
    keys: BTreeMap<String, String>,
}

impl User {
    fn new(id: i64, role: &str) -> Self {
        let phone = "+41 44 668 18 00".into();
        Self { id, role: role.into(), theme: "light".into(), notice: None, phone }
    }
}

fn builder(change: impl FnOnce(&mut Config)) -> AppBuilder {
    App::builder()
        .config(change)
        .sessions::<User>(CookieStorage::new())
        .sessions::<Guest>(CookieStorage::new())
        .mount(pages::routes())
        .register(rocket::catchers![pages::caught])
}

async fn app() -> App {
    builder(|_| ()).open().await
}

/// Returns an application that keeps which users' sessions were ended.
async fn revoking() -> App {
    revoking_in(MemoryStorage::new()).await
}

async fn revoking_in(revocations: impl SessionStorage) -> App {
    let storage = CookieStorage::new().revocations(revocations);
    App::builder().sessions::<User>(storage).sessions::<Guest>(CookieStorage::new()).mount(pages::routes()).open().await
}

async fn signed_in<'a>(app: &'a App, role: &str) -> Browser<'a> {
    let browser = app.browser();
    let answer = browser.post(&format!("/login/7/{role}")).await;
    assert_eq!((answer.code(), answer.cookies.len()), (200, 1), "signing in: {answer:?}");
    browser
}
